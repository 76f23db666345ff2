/** `liaison connector-host`: runs connectors for engines, here or on other machines, until it is asked to stop. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { certificateFiles, readTls } from '#host/certificates/certificate-files.ts';
import { defaultHostSettings, type HostSettings } from '#host/daemon/host-settings.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { openLog } from '#server/log.ts';
import { complain, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';

interface HostOptions {
  readonly listen: string;
  readonly certs: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly users: number;
  readonly processes: number;
  readonly memory: number;
  readonly callSeconds: number;
  readonly idleSeconds: number;
  readonly connector: HostSettings['programs'];
  readonly log?: string;
  readonly json: boolean;
}

const megabyte = 1_048_576;

export function connectorHostCommand(surroundings: Surroundings): Command {
  const { usersMax, processesMax, memoryBytesMax, callMs, idleMs } = defaultHostSettings;
  return new Command('connector-host')
    .description('run connectors in processes of their own for engines elsewhere, until SIGINT or SIGTERM')
    .option('--listen <host:port>', 'where to listen; port 0 takes any free one', '127.0.0.1:7443')
    .option('--certs <folder>', 'folder with ca.pem, host.pem and host-key.pem', './certs')
    .option('--ca <file>', 'the authority of the engines, when it is elsewhere')
    .option('--cert <file>', 'the certificate of this host, when it is elsewhere')
    .option('--key <file>', 'its key, when it is elsewhere')
    .option('--users <count>', 'users of one process; the next one starts a new process', whole(1, 10_000), usersMax)
    .option('--processes <count>', 'processes at the same time', whole(1, 1_000), processesMax)
    .option('--memory <mb>', 'memory of one process', whole(64, 65_536), memoryBytesMax / megabyte)
    .option('--call-seconds <seconds>', 'longest call to a process', whole(1, 3_600), callMs / 1_000)
    .option('--idle-seconds <seconds>', 'a process without users ends after', whole(1, 86_400), idleMs / 1_000)
    .option('--connector <kind=command>', 'a program for a kind of connector, with its arguments', program, {})
    .option('--log <file>', 'file for JSON lines; standard error by default')
    .option('--json', 'print JSON', false)
    .action((options: HostOptions) => serve(options, surroundings));
}

async function serve(options: HostOptions, { console, end, signal }: Surroundings): Promise<void> {
  const ports = systemPorts(openLog({ level: 'info', ...(options.log !== undefined && { file: options.log }) }));
  try {
    const tls = await readTls({
      ca: options.ca ?? join(options.certs, certificateFiles.authority),
      cert: options.cert ?? join(options.certs, certificateFiles.host),
      key: options.key ?? join(options.certs, certificateFiles.hostKey),
    });
    // Loaded only here: an engine does not need it.
    const { startHost } = await import('#host/daemon/connector-host.ts');
    const host = await startHost(options.listen, tls, settingsOf(options), ports);
    const address = `${options.listen.slice(0, options.listen.lastIndexOf(':'))}:${host.port}`;
    console.out(options.json ? JSON.stringify({ address, pid: process.pid }) : `Connector host at ${address}`);
    if (!signal.aborted) await once(signal, 'abort');
    await host.close();
    end(exitCode.ok);
  } catch (error) {
    complain(console, error instanceof Error ? error.message : String(error));
    end(exitCode.usage);
  }
}

function settingsOf(options: HostOptions): HostSettings {
  return {
    ...defaultHostSettings,
    usersMax: options.users,
    processesMax: options.processes,
    memoryBytesMax: options.memory * megabyte,
    callMs: options.callSeconds * 1_000,
    idleMs: options.idleSeconds * 1_000,
    programs: options.connector,
  };
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`write a whole number from ${least} to ${most}`);
  };
}

/** `memory=/usr/bin/python3 /opt/connector.py`; no shell, so blanks only part arguments. */
function program(text: string, before: HostSettings['programs']): HostSettings['programs'] {
  const [, kind, command] = /^([a-z][a-z0-9-]*)=(\S.*)$/.exec(text) ?? [];
  if (kind === undefined || command === undefined) {
    throw new InvalidArgumentError('write KIND=COMMAND, for example memory=/usr/bin/python3 /opt/connector.py');
  }
  return { ...before, [kind]: command.trim().split(/\s+/) };
}
