/** `liaison simulate exchange`: a stand-alone simulated Exchange to develop and test against. */
import { Command, InvalidArgumentError } from 'commander';
import { systemPorts } from '#ports/system-ports.ts';
import { complain, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';

interface SimulateOptions {
  readonly listen: Listen;
  readonly estate?: string;
  readonly json: boolean;
}

interface Listen {
  readonly host: string;
  readonly port: number;
}

export function simulateCommand(surroundings: Surroundings): Command {
  return new Command('simulate')
    .description('simulated servers to develop and test against')
    .addCommand(exchangeCommand(surroundings));
}

function exchangeCommand({ console, end, signal }: Surroundings): Command {
  return new Command('exchange')
    .description('a simulated Exchange organisation, until SIGINT or SIGTERM')
    .option('--listen <host:port>', 'where to listen', parseListen, { host: '127.0.0.1', port: 8025 })
    .option('--estate <file>', 'YAML file with mailboxes and accounts; five people at example.test by default')
    .option('--json', 'print JSON', false)
    .action(async ({ listen, estate: file, json }: SimulateOptions) => {
      try {
        // Loaded only here: an engine must not carry the simulated servers in its memory.
        const { readEstate } = await import('#simulators/exchange/estate.ts');
        const { startExchange } = await import('#simulators/exchange/start-exchange.ts');
        const estate = file === undefined ? undefined : await readEstate(file);
        const ports = systemPorts((event) => console.err(JSON.stringify(event)));
        const exchange = await startExchange({ listen, estate, ports });
        if (json) console.out(JSON.stringify({ url: exchange.url, ...exchange.health() }));
        else console.out(`Exchange Web Services at ${exchange.url}, ${exchange.health().mailboxes} mailboxes`);
        await aborted(signal);
        await exchange.close();
        end(exitCode.ok);
      } catch (error) {
        complain(console, error instanceof Error ? error.message : String(error));
        end(exitCode.usage);
      }
    });
}

function parseListen(text: string): Listen {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new InvalidArgumentError('write HOST:PORT, for example 127.0.0.1:8025');
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
