/**
 * One connector process: started, known to answer, watched, ended. It listens on a socket in a private folder of its host
 * and holds the other end of a pipe from it, whose closing tells it that the host is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { type Fault, fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import { channelOptions, connectorService, methodOf, product, protocolVersion } from '../protocol.ts';
import { unary } from '../unary.ts';
import type { WireDescription } from '../wire/messages.ts';

/** Asked to end, it has this long before it is ended by force. */
const endMs = 3_000;
const megabyte = 1_048_576;

export interface ProcessStart {
  /** Empty: the built-in connectors. */
  readonly program: readonly string[];
  readonly socket: string;
  readonly memoryBytesMax: number;
  readonly startMs: number;
}

/** The command of a process without its socket. */
function commandOf({ program, memoryBytesMax }: ProcessStart): readonly string[] {
  if (program.length > 0) return program;
  const bundled = fileURLToPath(new URL('./connector-process.mjs', import.meta.url));
  const script = existsSync(bundled) ? bundled : fileURLToPath(new URL('../process/main.ts', import.meta.url));
  const heap = Math.max(64, Math.floor(memoryBytesMax / megabyte));
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16'];
  return [process.execPath, ...flags, `--max-old-space-size=${heap}`, script];
}

export class ConnectorProcess {
  /** Resolves with how it ended, e.g. `SIGKILL` or `code 1`. */
  readonly ended: Promise<string>;
  /** Undefined once it answers; else why it never will. */
  readonly ready: Promise<Fault | undefined>;
  readonly client: Client;
  readonly #child: ChildProcess;
  readonly #socket: string;
  readonly #ports: Ports;

  constructor(start: ProcessStart, ports: Ports) {
    const [command = '', ...args] = commandOf(start);
    this.#ports = ports;
    this.#child = spawn(command, [...args, '--socket', start.socket], { stdio: ['pipe', 'ignore', 'inherit'] });
    // A process that ended before it was asked to makes writing to its pipe fail, which `ended` tells already.
    this.#child.stdin?.on('error', () => {});
    this.client = new Client(`unix:${start.socket}`, credentials.createInsecure(), {
      ...channelOptions,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 200,
      'grpc.use_local_subchannel_pool': 1,
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
    });
    this.#socket = start.socket;
    this.ready = this.#readiness(start.startMs);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** False when it gives no answer within that time. */
  async givesSignOfLife(withinMs: number): Promise<boolean> {
    return (await this.#describe(withinMs)) !== undefined;
  }

  /** Asks it to end, and makes it after a while. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    const forced = new AbortController();
    void this.#ports.timer.sleep(endMs, forced.signal).then(() => {
      if (!forced.signal.aborted) this.kill();
    });
    await this.ended;
    forced.abort();
  }

  /** After its end, when nobody will call it any more: calls on a closed channel throw. */
  async dispose(): Promise<void> {
    this.client.close();
    await rm(this.#socket, { force: true });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #readiness(withinMs: number): Promise<Fault | undefined> {
    const early = this.ended.then((how) => notStarted(`it ended with ${how}`));
    return await Promise.race([early, this.#greeting(withinMs)]);
  }

  async #greeting(withinMs: number): Promise<Fault | undefined> {
    const connected = await new Promise<boolean>((resolve) => {
      this.client.waitForReady(this.#ports.clock.now() + withinMs, (error) => resolve(error === undefined));
    });
    const description = connected ? await this.#describe(withinMs) : undefined;
    if (description === undefined) {
      this.kill();
      return notStarted(`no answer within ${withinMs} ms`);
    }
    const { protocolMin = 0, protocolMax = 0 } = description;
    if (protocolMin <= protocolVersion.max && protocolMax >= protocolVersion.max) return undefined;
    void this.end();
    const message = `the connector program speaks protocol versions ${protocolMin} to ${protocolMax}, this host ${protocolVersion.max}`;
    return fault('server.version', message, { source: `protocol ${protocolMax}` });
  }

  async #describe(withinMs: number): Promise<WireDescription | undefined> {
    const ask = { protocol: protocolVersion.max, caller: product };
    const deadline = this.#ports.clock.now() + withinMs;
    const answer = await unary<WireDescription>(this.client, methodOf(connectorService, 'Describe'), ask, { deadline });
    return answer.ok ? answer.value : undefined;
  }
}

function notStarted(why: string): Fault {
  return fault('mailbox.unavailable', `the connector process did not start: ${why}`, { source: 'connector start' });
}
