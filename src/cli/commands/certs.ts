/** `liaison certs init`: certificates for connector hosts and the engines that use them. */
import { Command } from 'commander';
import { FileThere, writeCertificates } from '#host/certificates/certificate-files.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { complain, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';

interface InitOptions {
  readonly dir: string;
  readonly host: readonly string[];
}

export function certsCommand(surroundings: Surroundings): Command {
  return new Command('certs')
    .description('certificates for connector hosts and engines')
    .addCommand(initCommand(surroundings));
}

function initCommand({ console, end }: Surroundings): Command {
  return new Command('init')
    .description('make an authority, and a certificate each for connector hosts and for engines')
    .option('--dir <folder>', 'where to', './certs')
    .option('--host <name...>', 'names and addresses by which engines reach the hosts', ['localhost', '127.0.0.1'])
    .action(async ({ dir, host }: InitOptions) => {
      try {
        // Loaded only here: nothing else makes certificates.
        const { makeCertificates } = await import('#host/certificates/make-certificates.ts');
        const written = await writeCertificates(dir, await makeCertificates(host, systemPorts()));
        for (const file of written) console.out(file);
        end(exitCode.ok);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        complain(console, error instanceof FileThere ? `${message} exists already; nothing was written` : message);
        end(exitCode.usage);
      }
    });
}
