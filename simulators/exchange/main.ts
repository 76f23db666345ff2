/** `node simulators/exchange/main.ts --listen 127.0.0.1:8080 [--estate FILE]` */
import { parseArgs } from 'node:util';
import { runStandAlone } from './stand-alone.ts';

const { values } = parseArgs({
  options: { listen: { type: 'string', default: '127.0.0.1:8080' }, estate: { type: 'string' } },
});

await runStandAlone({ listen: values.listen, estate: values.estate });
