/** `liaison simulate exchange`: a stand-alone simulated Exchange to develop and test against. */
import { Command, InvalidArgumentError } from 'commander';
import { complain, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';

interface SimulateOptions {
  readonly listen: string;
  readonly estate?: string;
  readonly build?: string;
  readonly snapshot?: string;
  readonly ldap?: string;
  readonly tls: boolean;
  readonly ca?: string;
  readonly control: boolean;
  readonly validate: boolean;
  readonly people?: number;
  readonly json: boolean;
}

export function simulateCommand(surroundings: Surroundings): Command {
  return new Command('simulate')
    .description('simulated servers to develop and test against')
    .addCommand(exchangeCommand(surroundings));
}

function exchangeCommand(surroundings: Surroundings): Command {
  return new Command('exchange')
    .description('a simulated Exchange organisation, until SIGINT or SIGTERM')
    .option('--listen <host:port>', 'where to listen; port 0 takes any free one', '127.0.0.1:8025')
    .option('--estate <file>', 'YAML file with mailboxes and accounts; five people at example.test by default')
    .option('--build <id>', 'build of the servers: 2010sp2, 2010sp3, 2013, 2016, 2019 or se')
    .option('--snapshot <file>', 'continue from this file, when it exists, and write it when stopping')
    .option('--ldap <host:port>', 'serve its directory over LDAP too; the global catalog takes the next port')
    .option('--tls', 'listen with TLS; the certificate is made by a test authority of this run', false)
    .option('--ca <file>', 'with --tls: write the certificate of the test authority here, for clients to trust')
    .option('--control', 'serve /control: counters, log, faults on demand, people', false)
    .option('--validate', 'check every answer against the schema, and log those that fail', false)
    .option('--people <edits>', 'let people live in the mailboxes, with so many edits a minute over all', readRate)
    .option('--json', 'print JSON', false)
    .action((options: SimulateOptions) => simulate(options, surroundings));
}

async function simulate(options: SimulateOptions, { console, end, signal }: Surroundings): Promise<void> {
  try {
    // Loaded only here: an engine must not carry the simulated servers in its memory.
    const { placesOf, runStandAlone } = await import('#simulators/exchange/stand-alone.ts');
    await runStandAlone({
      ...options,
      caFile: options.ca,
      controlApi: options.control,
      validateResponses: options.validate,
      editsPerMinute: options.people,
      signal,
      log: (event) => {
        if (event.level !== 'info') console.err(JSON.stringify(event));
      },
      onListening({ url, health, ldap }) {
        const places = ldap === undefined ? {} : placesOf(ldap);
        if (options.json) {
          console.out(JSON.stringify({ url, ...health(), ...(ldap === undefined ? {} : { directory: places }) }));
          return;
        }
        console.out(`Exchange Web Services at ${url}, ${health().mailboxes} mailboxes`);
        for (const [name, place] of Object.entries(places)) console.out(`directory: ${name} at ${place}`);
      },
    });
    end(exitCode.ok);
  } catch (error) {
    complain(console, error instanceof Error ? error.message : String(error));
    end(exitCode.usage);
  }
}

function readRate(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= 1_000_000)) throw new InvalidArgumentError('write edits per minute, for example 60');
  return rate;
}
