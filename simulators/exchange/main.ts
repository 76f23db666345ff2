/** `node simulators/exchange/main.ts --listen 127.0.0.1:8080 [--estate FILE] [--snapshot FILE] [--tls [--ca FILE]] [--control]` */
import { parseArgs } from 'node:util';
import { runStandAlone } from './stand-alone.ts';

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:8080' },
    estate: { type: 'string' },
    snapshot: { type: 'string' },
    tls: { type: 'boolean' },
    ca: { type: 'string' },
    control: { type: 'boolean' },
  },
});

await runStandAlone({
  listen: values.listen,
  estate: values.estate,
  snapshot: values.snapshot,
  tls: values.tls,
  caFile: values.ca,
  controlApi: values.control,
});
