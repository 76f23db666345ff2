/** `liaison serve`: keeps all users synchronised until it is asked to stop. */
import type { Command } from 'commander';
import type { Ports } from '#ports/ports.ts';
import type { Liaison } from '#server/liaison.ts';
import { missingSecrets } from '#server/missing-secrets.ts';
import type { Pair } from '#store/port.ts';
import { baseCommand, type CommonOptions, complain, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';

/** Passes under way may end in their own time for this long; then the leases of the rest run out by themselves. */
const stopMs = 8_000;

export function serveCommand(surroundings: Surroundings): Command {
  const { console, end, signal } = surroundings;
  return baseCommand('serve', 'keep all users synchronised, until SIGINT or SIGTERM').action(
    async (options: CommonOptions) => {
      let log: Ports['log'] = () => {};
      const code = await withLiaison(
        surroundings,
        options,
        async (liaison, ports) => {
          const missing = await missingSecrets(liaison.config, console.environment);
          for (const message of missing) complain(console, message);
          if (missing.length > 0) return exitCode.usage;
          log = ports.log;
          log({ level: 'info', event: 'serve.started', pid: process.pid, database: liaison.databaseServer });
          await serveUntil(liaison, signal, ports);
          log({ level: 'info', event: 'serve.stopped' });
          return exitCode.ok;
        },
        {
          join: false,
          log: 'configured',
          passed(pair: Pair, outcome, troubles) {
            const level = outcome.fault === undefined ? (outcome.result === 'quiet' ? 'debug' : 'info') : 'warn';
            const { result, durationMs } = outcome;
            const codes = troubles.map(({ side, kind, fault }) => ({
              side,
              kind,
              code: fault.code,
              source: fault.source,
            }));
            const more = codes.length === 0 ? {} : { troubles: codes };
            log({ level, event: 'serve.passed', pair: pair.pairId, result, durationMs, ...more });
          },
        },
      );
      end(code);
    },
  );
}

async function serveUntil(liaison: Liaison, signal: AbortSignal, ports: Ports): Promise<void> {
  const ended = new AbortController();
  const running = liaison.run(signal).finally(() => ended.abort());
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([running, asked.then(() => ports.timer.sleep(stopMs, ended.signal))]);
}
