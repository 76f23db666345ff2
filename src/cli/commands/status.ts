/** `liaison status`: how every user is doing. */
import type { Command } from 'commander';
import { kinds } from '#model/item.ts';
import type { Liaison } from '#server/liaison.ts';
import { remedyOf } from '#server/remedies.ts';
import type { PairStatus } from '#store/port.ts';
import { baseCommand, type CommonOptions, pairsFor, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { judge, type PairReport, stateText, tallyOf } from '../pair-state.ts';
import { table } from '../table.ts';
import { whenText } from '../time-text.ts';

/** Pairs whose numbers are asked for together; enough to keep every connection of the store busy. */
const pairsAtOnce = 16;

export function statusCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('status', 'how every user is doing, or one')
    .argument('[user]', 'mailbox or CRM login')
    .action(async (user: string | undefined, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const pairs = await pairsFor(liaison, console, user);
          if (pairs === undefined) return exitCode.failed;
          const reports: PairReport[] = [];
          for (let at = 0; at < pairs.length; at += pairsAtOnce) {
            const some = pairs.slice(at, at + pairsAtOnce);
            reports.push(...(await Promise.all(some.map((status) => reportOf(liaison, status)))));
          }
          const nowMs = ports.clock.now();
          if (options.json) console.out(JSON.stringify(reports.map((report) => statusJson(report, nowMs))));
          else console.out(statusText(reports, nowMs));
          const failing = reports.some((report) => judge(report, nowMs).state === 'failing');
          return failing ? exitCode.failed : exitCode.ok;
        }),
      );
    });
}

async function reportOf({ store }: Liaison, status: PairStatus): Promise<PairReport> {
  const { pairId } = status.pair;
  const [feeds, waiting, tallies, brakes] = await Promise.all([
    store.feeds(pairId),
    store.waiting(pairId),
    store.tallies(pairId),
    store.brakes(pairId),
  ]);
  return { status, feeds, waiting, tallies, brakes };
}

/** The table, and below it the faults in words. */
export function statusText(reports: readonly PairReport[], nowMs: number): string {
  if (reports.length === 0) return 'Nobody is in the user map yet: liaison users import FILE, or liaison users add.';
  const rows = reports.map((report) => {
    const { status } = report;
    const tallies = kinds.map((kind) => tallyOf(report, kind));
    const sum = (count: (tally: (typeof tallies)[number]) => number): string =>
      String(tallies.reduce((total, tally) => total + count(tally), 0));
    const last = status.lastOutcome === null ? null : Date.parse(status.lastOutcome.at);
    const working = status.owner !== null && status.leaseUntilMs > nowMs;
    return [
      status.pair.mailbox,
      status.pair.crmUser,
      stateText(judge(report, nowMs)),
      whenText(last, nowMs),
      working ? 'working' : status.pair.enabled ? whenText(Math.max(status.nextAtMs, nowMs), nowMs) : '',
      ...tallies.map((tally) => String(tally.paired)),
      sum((tally) => tally.events.conflict ?? 0),
      sum((tally) => tally.quarantined),
      sum((tally) => tally.review),
    ];
  });
  const left = ['mailbox', 'CRM user', 'state', 'last pass', 'next'].map((title) => ({ title }));
  const right = ['contacts', 'events', 'tasks', 'conflicts', 'quarantine', 'review'];
  const columns = [...left, ...right.map((title) => ({ title, align: 'right' as const }))];
  const faults = reports.flatMap(({ status }) => {
    const fault = status.lastOutcome?.fault;
    if (fault === undefined) return [];
    const times = status.attempts > 1 ? `, ${status.attempts} times in a row` : '';
    return [
      `${status.pair.mailbox}: ${fault.message} (${fault.code}, server ${status.pair.server}${times}) ${remedyOf(fault)}`,
    ];
  });
  return [table(columns, rows), ...(faults.length > 0 ? ['', ...faults] : [])].join('\n');
}

function statusJson(report: PairReport, nowMs: number): unknown {
  const { status, waiting, tallies, brakes, feeds } = report;
  return { ...judge(report, nowMs), ...status, feeds, waiting, tallies, brakes };
}
