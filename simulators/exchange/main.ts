/** `node simulators/exchange/main.ts --listen 127.0.0.1:8080 [--estate FILE] [--control]` */
import { parseArgs } from 'node:util';
import { runStandAlone } from './stand-alone.ts';

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:8080' },
    estate: { type: 'string' },
    control: { type: 'boolean' },
  },
});

await runStandAlone({ listen: values.listen, estate: values.estate, controlApi: values.control });
