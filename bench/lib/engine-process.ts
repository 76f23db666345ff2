/** A running `liaison serve`, watched from outside: passes by its log, CPU and memory by the kernel's books. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './child.ts';
import { root, type World } from './world.ts';

/** As the script `liaison` of package.json starts it. */
const start = ['--max-semi-space-size=4', '--heap-growing-percent=20', join(root, 'bin/liaison.js')];

export interface EngineReading {
  /** User and system, all threads, since the process was started; the kernel counts in steps of 10 ms. */
  readonly cpuMs: number;
  /** The system's part of it. */
  readonly systemMs: number;
  readonly rssMb: number;
  readonly peakMb: number;
}

export interface Pass {
  readonly result: string;
  readonly durationMs: number;
  readonly troubles?: unknown;
}

const ticksPerSecond = 100;
const pollMs = 50;
const startPollMs = 5;
const extractMsMax = 900_000;

export class Engine {
  readonly #child: Child;
  readonly #logFile: string;

  constructor(world: World) {
    this.#child = new Child(process.execPath, [...start, 'serve', '--config', world.configFile], world.environment);
    this.#logFile = world.logFile;
  }

  async passes(): Promise<readonly Pass[]> {
    const text = await readFile(this.#logFile, 'utf8').catch(() => '');
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.includes('"serve.passed"'));
    return lines.map((line) => JSON.parse(line) as Pass);
  }

  /** Waits until it has come up, before its first pass ends. */
  async untilStarted(): Promise<void> {
    while (!(await readFile(this.#logFile, 'utf8').catch(() => '')).includes('"serve.started"'))
      await delay(startPollMs);
  }

  /** Waits for the first pass that finds nothing to do. Throws on trouble. */
  async untilQuiet(): Promise<readonly Pass[]> {
    const deadline = performance.now() + extractMsMax;
    while (performance.now() < deadline) {
      const passes = await this.passes();
      const failed = passes.find(({ result }) => result === 'failed');
      if (failed !== undefined) throw new Error(`a pass failed: ${JSON.stringify(failed)}`);
      if (passes.some(({ result }) => result === 'quiet')) return passes;
      if (this.#child.process.exitCode !== null) throw new Error('the engine ended');
      await delay(pollMs);
    }
    throw new Error(`not quiet within ${extractMsMax} ms`);
  }

  async reading(): Promise<EngineReading> {
    const [stat, status] = await Promise.all(
      ['stat', 'status'].map((name) => readFile(`/proc/${this.#child.pid}/${name}`, 'utf8')),
    );
    const fields = stat!.slice(stat!.lastIndexOf(')') + 2).split(' ');
    const [user, system] = [fields[11], fields[12]].map((ticks) => (Number(ticks) * 1_000) / ticksPerSecond);
    const megabytes = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status!)?.[1]) / 1_024);
    return { cpuMs: user! + system!, systemMs: system!, rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
