/** `node simulators/exchange/main.ts`: the simulated Exchange alone, without the command line of Liaison. */
import { parseArgs } from 'node:util';
import { runStandAlone } from './stand-alone.ts';

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:8025' },
    estate: { type: 'string' },
    build: { type: 'string' },
    snapshot: { type: 'string' },
    ldap: { type: 'string' },
    tls: { type: 'boolean' },
    ca: { type: 'string' },
    control: { type: 'boolean' },
    validate: { type: 'boolean' },
    people: { type: 'string' },
  },
});

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => stopping.abort());

await runStandAlone({
  listen: values.listen,
  estate: values.estate,
  build: values.build,
  snapshot: values.snapshot,
  ldap: values.ldap,
  tls: values.tls,
  caFile: values.ca,
  controlApi: values.control,
  validateResponses: values.validate,
  editsPerMinute: values.people === undefined ? undefined : Number(values.people),
  log: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
  signal: stopping.signal,
});
