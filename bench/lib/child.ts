/** Other programs of a bench: each a process of its own that says one JSON line at a time on its standard output. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface ChildOptions {
  /** Flags of Node itself. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running process and the lines it says. */
export class Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.process = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** The next line. Throws when the process ended without one. */
  async next<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done === true)
      throw new Error(`${this.process.spawnargs.join(' ')} ended with code ${this.process.exitCode}`);
    return JSON.parse(line.value) as T;
  }

  /** Asks it to stop by signal, and waits until it has. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'close');
    this.process.kill('SIGTERM');
    await ended;
  }

  /** Closes its standard input, which asks it to end, and waits until it has. */
  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'close');
    this.process.stdin.end();
    await ended;
  }
}

/** Starts a script of this folder tree under the Node that runs us. `script` relative to bench/. */
export function nodeChild(script: string, args: readonly string[] = [], options: ChildOptions = {}): Child {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const flags = ['--disable-warning=ExperimentalWarning', ...(options.flags ?? [])];
  return new Child(process.execPath, [...flags, file, ...args], options.environment);
}

/** Runs a script to its end and gives its one line. */
export async function answerOf<T>(script: string, args: readonly string[], options: ChildOptions = {}): Promise<T> {
  const child = nodeChild(script, args, options);
  const answer = await child.next<T>();
  await child.end();
  return answer;
}

export function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
