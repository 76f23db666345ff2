/** The real clock, timers and randomness. Only composition roots and tests import this. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log, Ports } from './ports.ts';

/** Ports of the running machine. `log` defaults to silence. */
export function systemPorts(log: Log = () => {}): Ports {
  return {
    clock: { now: () => Date.now() },
    timer: {
      async sleep(durationMs, signal) {
        try {
          await delay(durationMs, undefined, signal === undefined ? {} : { signal });
        } catch {
          // Aborted: waiting ends early, which is what the caller asked for.
        }
      },
    },
    random: {
      fraction: () => randomBytes(4).readUInt32LE() / 2 ** 32,
      bytes: (count) => randomBytes(count),
    },
    log,
  };
}
