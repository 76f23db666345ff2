/** The report as one page of Markdown. Claims quote it: numbers of seeds, operations, faults and violations, no adjectives. */
import { type Report, shortcomings } from './report.ts';

const messageChars = 240;

export function pageOf(report: Report): string {
  const { seeds, faultPairs, passesToQuiet, unknownOutcomes, crashes, amnesia, states, twins } = report;
  const rows: readonly (readonly [string, string | number])[] = [
    ['commit, date, Node', `${report.commit ?? 'unknown'}, ${report.date}, ${report.node}`],
    ['seeds run / passed / failed', `${seeds.run} / ${seeds.passed} / ${seeds.failed} (from ${seeds.first})`],
    ['second runs that differed', report.replayMismatches],
    [
      'seeds per second',
      `${report.seedsPerSecond} on ${report.threads} threads, ${Math.round(report.durationMs / 1_000)} s`,
    ],
    ['virtual hours', report.virtualHours],
    ['passes', report.cycles],
    ['edits by people', `${report.userEdits}, of these ${report.userEditsDuringWrites} during a write`],
    ['remote calls, writes, commits', `${report.remoteCalls}, ${report.remoteWrites}, ${report.commits}`],
    ['faults', list(report.faults.hits)],
    ['not in this world', report.faultsElsewhere.join(', ')],
    ['fault pairs met / possible', `${faultPairs.covered} / ${faultPairs.possible}`],
    ['crashes, during recovery', `${crashes.all}, ${crashes.inRecovery}`],
    ['crash points passed / all', share(report.crashPoints)],
    ['deaths around commits met / all', share(report.crashedCommits)],
    ['cells decided / all', share(report.cells)],
    ['acts of people', list(report.acts)],
    ['rules that overruled a value', list(report.rules)],
    ['merges by shape of the group', list(report.merges)],
    ['unanswered creates', `found ${unknownOutcomes.found}, sent again ${unknownOutcomes.sentAgain}`],
    ['twins made, removed', `${twins.made}, ${twins.removed}`],
    ['passes to quiet p50 / p99 / max', `${passesToQuiet.p50} / ${passesToQuiet.p99} / ${passesToQuiet.max}`],
    ['after silence', list(amnesia.runs)],
    [
      'then',
      `relinked ${amnesia.relinked}, held ${amnesia.held}, created ${amnesia.created}, removed ${amnesia.removed}`,
    ],
    ['different states seen', `${states.unique}, ${states.perMinute} per minute`],
    ['violations', list(report.violations)],
  ];
  const table = ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)];
  const failures = report.failures.map(({ seed, step, message }) =>
    `- seed ${seed}, step ${step}: ${message.replaceAll('\n', ' ')}`.slice(0, messageChars),
  );
  const short = shortcomings(report).map((one) => `- ${one}`);
  return [
    '# Torture report',
    '',
    ...table,
    ...(failures.length === 0 ? [] : ['', '## Broken', '', ...failures]),
    ...plantedLines(report),
    '',
    '## Shortcomings',
    '',
    ...(short.length === 0 ? ['None.'] : short),
    '',
  ].join('\n');
}

function plantedLines({ planted }: Report): readonly string[] {
  if (planted === undefined) return [];
  return [
    '',
    '## Planted bugs',
    '',
    `Caught ${planted.caught} of ${planted.bugs}; seeds until caught: median ${planted.seedsMedian}, at most ${planted.seedsMax}.`,
    '',
    '| bug | seeds (median) | noticed by |',
    '|---|---|---|',
    ...planted.found.map(
      ({ name, survived, byScript, seedsMedian, invariants }) =>
        `| ${name} | ${survived > 0 ? `survived ${survived} times` : seedsMedian}${byScript > 0 ? `, ${byScript} times by a saved script only` : ''} | ${invariants.join(', ')} |`,
    ),
  ];
}

function share({ hit, total, missed }: Report['cells']): string {
  return `${hit} / ${total}${missed.length === 0 ? '' : `, missed: ${missed.join(', ')}`}`;
}

function list(counts: Readonly<Record<string, number>>): string {
  const met = Object.entries(counts).filter(([, count]) => count > 0);
  return met.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
