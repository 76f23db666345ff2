/** `liaison status`: how every user is doing. */
import type { Command } from 'commander';
import { kinds } from '#model/item.ts';
import type { Liaison } from '#server/liaison.ts';
import { remedyOf } from '#server/remedies.ts';
import type { PairStatus, Summary } from '#store/port.ts';
import { baseCommand, pairsFor, type Surroundings, troubledAt, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { moreText, type PageOptions, pageQuery, withPageOptions } from '../page-options.ts';
import { judge, type PairReport, stateText, tallyOf } from '../pair-state.ts';
import { table } from '../table.ts';
import { whenText } from '../time-text.ts';

export function statusCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return withPageOptions(baseCommand('status', 'how every user is doing, or one'))
    .argument('[user]', 'mailbox or CRM login')
    .action(async (user: string | undefined, options: PageOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const nowMs = ports.clock.now();
          const name = user ?? options.user;
          const query = pageQuery(options, nowMs);
          const pairs = await pairsFor(liaison, console, name, query);
          if (pairs === undefined) return exitCode.failed;
          const reports = await reportsOn(liaison, pairs);
          if (options.json) console.out(JSON.stringify(reports.map((report) => statusJson(report, nowMs))));
          else if (name !== undefined) console.out(statusText(reports, nowMs));
          const failingHere = reports.some((report) => judge(report, nowMs).state === 'failing');
          if (name !== undefined) return failingHere ? exitCode.failed : exitCode.ok;
          const summary = await liaison.store.summary(troubledAt(nowMs));
          if (!options.json) {
            const more = moreText(query, pairs);
            const shown = reports.length === 0 && summary.users > 0 ? [] : [statusText(reports, nowMs)];
            const below = summary.users === 0 ? [] : [summaryText(summary)];
            console.out([...shown, ...(more === undefined ? [] : [more]), ...below].join('\n\n'));
          }
          return failingHere || summary.failing > 0 ? exitCode.failed : exitCode.ok;
        }),
      );
    });
}

/** Users whose numbers are asked for together. */
const pageUsers = 500;

async function reportsOn({ store }: Liaison, pairs: readonly PairStatus[]): Promise<readonly PairReport[]> {
  const reports: PairReport[] = [];
  for (let at = 0; at < pairs.length; at += pageUsers) {
    const page = pairs.slice(at, at + pageUsers);
    const details = await store.details(page.map(({ pair }) => pair.pairId));
    for (const status of page) {
      const found = details.get(status.pair.pairId);
      // A user removed meanwhile is left out.
      if (found !== undefined) reports.push({ status, ...found });
    }
  }
  return reports;
}

/** One line about the whole user map. */
export function summaryText(summary: Summary): string {
  const words = [
    [summary.failing, 'failing'],
    [summary.held, 'held by a brake'],
    [summary.overdue, 'overdue'],
    [summary.initial, 'in the first sync'],
    [summary.setAside, 'with records in quarantine'],
    [summary.disabled, 'disabled'],
  ] as const;
  const told = words.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${summary.users} ${summary.users === 1 ? 'user' : 'users'}: ${told.length === 0 ? 'no trouble' : told.join(', ')}`;
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
      sum((tally) => tally.held),
    ];
  });
  const left = ['mailbox', 'CRM user', 'state', 'last pass', 'next'].map((title) => ({ title }));
  const right = ['contacts', 'events', 'tasks', 'conflicts', 'quarantine', 'review', 'to settle'];
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
