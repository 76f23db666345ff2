/** The demo's script: first sync, people editing on both sides, rest, audit. */
import type { Kind } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import { callMeeting } from '#simulators/crm/call-meeting.ts';
import { editRandomly } from '#simulators/crm/edit-randomly.ts';
import { seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import type { Surroundings } from '../command.ts';
import type { DemoOptions } from '../commands/demo.ts';
import { showProgress } from '../progress/show-progress.ts';
import type { Member } from './cast.ts';
import { type DemoReport, demoReport, reportText } from './report.ts';
import { buildWorld, type World } from './world.ts';

const editSecondsDefault = 8;
const roundSeconds = 20;
const editPauseMs = 120;
const sayMs = 1_000;
const pollMs = 50;
const dayMs = 86_400_000;
/** Longest time for a first sync, and for everybody to come to rest. */
const restMsMax = 180_000;

/** True when everything ended in sync (or the user ended it). */
export async function runDemo(options: DemoOptions, surroundings: Surroundings, ports: Ports): Promise<boolean> {
  const { console, signal } = surroundings;
  let display = showProgress(console, options.json ? 'json' : 'none', ports);
  const startedMs = ports.clock.now();
  const world = await buildWorld(
    {
      mailboxes: options.mailboxes,
      estate: options.estate,
      seed: options.seed,
      ...(options.data !== undefined && { data: options.data }),
      environment: console.environment,
      step: (mailbox, step) => display.step(mailbox, step),
      passed: (mailbox) => display.passed(mailbox),
      say: (text) => display.say(text),
    },
    ports,
  );
  if (signal.aborted) {
    await world.close();
    return true;
  }
  display = showProgress(console, options.json ? 'json' : console.terminal ? 'bars' : 'lines', ports);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  signal.addEventListener('abort', stop, { once: true });
  const engine = world.liaison.run(stopping.signal);
  try {
    const script: Script = {
      options,
      world,
      ports,
      signal,
      say: (text) => display.say(text),
      show: (text) => (options.json ? undefined : console.out(text)),
    };
    const first = await firstSync(script);
    display.end();
    display = showProgress(console, options.json ? 'json' : 'none', ports);
    if (!first.quiet) return tellTroubles(script);
    const result = options.exitWhenQuiet ? await oneRound(script) : await manyRounds(script);
    if (options.json && result !== undefined) {
      const document = {
        seed: options.seed,
        mailboxes: options.mailboxes,
        tookMs: ports.clock.now() - startedMs,
        firstSync: first,
        ...result,
      };
      console.out(JSON.stringify(document, null, 2));
    }
    return result === undefined || result.inSync;
  } finally {
    stopping.abort();
    await engine;
    await world.close();
  }
}

interface Script {
  readonly options: DemoOptions;
  readonly world: World;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  /** A remark on what is going on. */
  readonly say: (text: string) => void;
  /** A result. */
  readonly show: (text: string) => void;
}

interface FirstSync {
  readonly quiet: boolean;
  readonly tookMs: number;
  /** Items read and written on both sides. */
  readonly read: number;
  readonly written: number;
  /** Pairs by mailbox and kind. */
  readonly paired: Readonly<Record<string, Readonly<Record<Kind, number>>>>;
}

async function firstSync(script: Script): Promise<FirstSync> {
  const { world, ports, say } = script;
  const startedMs = ports.clock.now();
  const quiet = await restSince(script, startedMs);
  const { pulse } = world;
  const read = pulse.read.crm + pulse.read.mailbox;
  const written = pulse.written.crm + pulse.written.mailbox;
  const tookMs = ports.clock.now() - startedMs;
  if (quiet) {
    const seconds = tookMs / 1_000;
    say(
      `first sync: ${read} items read, ${written} written in ${seconds.toFixed(1)} s (${Math.round((read + written) / seconds)}/s)`,
    );
  }
  return { quiet, tookMs, read, written, paired: await pairedBy(world) };
}

async function pairedBy({ liaison, pairs }: World): Promise<FirstSync['paired']> {
  const rows = pairs.map(async ({ mailbox, pairId }) => {
    const tallies = await liaison.store.tallies(pairId);
    return [mailbox, Object.fromEntries(tallies.map(({ kind, paired }) => [kind, paired]))] as const;
  });
  return Object.fromEntries(await Promise.all(rows)) as FirstSync['paired'];
}

/** Waits until every pair had a pass that began after this moment and found nothing to do. */
async function restSince({ world, ports, signal }: Script, sinceMs: number): Promise<boolean> {
  const mailboxes = world.pairs.map(({ mailbox }) => mailbox);
  const deadlineMs = ports.clock.now() + restMsMax;
  while (!world.pulse.isQuietSince(mailboxes, sinceMs)) {
    if (signal.aborted || ports.clock.now() > deadlineMs) return false;
    await ports.timer.sleep(pollMs, signal);
  }
  return true;
}

interface Edits {
  readonly inMailboxes: number;
  readonly inCrm: number;
}

/** People edit on both sides until the time is over; a line a second tells what crossed. */
async function people(script: Script, seconds: number, seed: number): Promise<Edits> {
  const { world, ports, signal, say } = script;
  const random = seededRandom(seed);
  const edits = { inMailboxes: 0, inCrm: 0 };
  const untilMs = ports.clock.now() + seconds * 1_000;
  const before = { ...world.pulse.written };
  let saidMs = ports.clock.now();
  let latest = '';
  const moveAtMs = (ports.clock.now() + untilMs) / 2;
  await meetAcross(script, seed);
  while (ports.clock.now() < untilMs && !signal.aborted) {
    if (ports.clock.now() > moveAtMs) await moveOne(script);
    const member = world.cast[Math.floor(random.fraction() * world.cast.length)];
    if (member === undefined) break;
    const [{ edit }, done] = await Promise.all([
      world.exchange.edit(member.mailbox),
      editRandomly(world.liaison.crm, world.employees.get(member.login) ?? 0, random, { today: world.today }),
    ]);
    edits.inMailboxes += 1;
    edits.inCrm += 1;
    latest = `${member.given}: ${edit.kind} ${edit.family} in the mailbox, ${done.kind} ${done.family} in the CRM`;
    if (ports.clock.now() - saidMs >= sayMs) {
      saidMs = ports.clock.now();
      const crossed = `${world.pulse.written.crm - before.crm} → CRM, ${world.pulse.written.mailbox - before.mailbox} → mailboxes`;
      say(`${edits.inMailboxes} edits in mailboxes, ${edits.inCrm} in the CRM; carried over: ${crossed}   (${latest})`);
    }
    await ports.timer.sleep(editPauseMs, signal);
  }
  return edits;
}

/** In a mixed estate people of both servers meet: each member of the old server calls the next one of the new. */
async function meetAcross({ world }: Script, round: number): Promise<void> {
  const { cast, employees, liaison, today } = world;
  const idOf = ({ login }: Member): number => employees.get(login) ?? 0;
  const [guests, hosts] = [cast.filter(({ old }) => !old), cast.filter(({ old }) => old)];
  for (const [index, host] of hosts.entries()) {
    const guest = guests[index % guests.length];
    if (guest === undefined) return;
    for (const [ownerId, participantId] of [
      [idOf(host), idOf(guest)],
      [idOf(guest), idOf(host)],
    ] as const) {
      await callMeeting(liaison.crm, {
        ownerId,
        participantIds: [participantId],
        subject: `Across ${round}.${ownerId}`,
        day: new Date((today + 3 + index) * dayMs).toISOString().slice(0, 10),
      });
    }
  }
}

/** In a mixed estate the first mailbox of the old server moves to the new one, once, while people work. */
async function moveOne({ world, say }: Script): Promise<void> {
  const next = world.moving.shift();
  if (next === undefined) return;
  await world.exchange.move({ mailbox: next.mailbox, version: 'se' });
  say(`${next.mailbox} has moved from the server of 2007 to the new one`);
}

interface Result extends DemoReport {
  readonly edits: Edits;
  readonly simulator: { readonly requests: number; readonly invalidResponses: number; readonly mailsSent: number };
}

async function oneRound(script: Script): Promise<Result | undefined> {
  const { options, say, signal } = script;
  say('now people edit on both sides');
  const edits = await people(script, options.seconds ?? editSecondsDefault, options.seed + 7);
  if (signal.aborted) return undefined;
  return await restAndReport(script, edits);
}

/** Round after round until the time is over or the user has seen enough. */
async function manyRounds(script: Script): Promise<Result | undefined> {
  const { options, say, signal, ports } = script;
  const untilMs =
    options.seconds === undefined ? Number.POSITIVE_INFINITY : ports.clock.now() + options.seconds * 1_000;
  const total = { inMailboxes: 0, inCrm: 0 };
  let result: Result | undefined;
  say('now people edit on both sides; Ctrl-C ends the demo');
  for (let round = 1; !signal.aborted && ports.clock.now() < untilMs; round += 1) {
    const seconds = Math.min(roundSeconds, (untilMs - ports.clock.now()) / 1_000);
    const edits = await people(script, seconds, options.seed + 7 * round);
    total.inMailboxes += edits.inMailboxes;
    total.inCrm += edits.inCrm;
    if (signal.aborted) break;
    result = (await restAndReport(script, total)) ?? result;
  }
  return result;
}

/** Nobody edits; when all pairs have come to rest, both sides are compared. */
async function restAndReport(script: Script, edits: Edits): Promise<Result | undefined> {
  const { world, ports, say, signal } = script;
  const sinceMs = ports.clock.now();
  const quiet = await restSince(script, sinceMs);
  if (signal.aborted) return undefined;
  if (quiet)
    say(`at rest ${((ports.clock.now() - sinceMs) / 1_000).toFixed(1)} s after the last edit; comparing both sides`);
  else tellTroubles(script);
  const report = await demoReport(world.liaison, world.pairs);
  const { requests, invalidResponses, mailsSent } = await world.exchange.counters();
  script.show(`\n${reportText(report)}\n`);
  say(`the simulated Exchange answered ${requests} requests and sent ${mailsSent} messages`);
  const inSync = quiet && report.inSync;
  say(inSync ? 'everything is in sync' : 'NOT IN SYNC');
  return { ...report, inSync, edits, simulator: { requests, invalidResponses, mailsSent } };
}

function tellTroubles({ world, say, signal }: Script): boolean {
  if (signal.aborted) return true;
  say('it does not come to rest:');
  for (const [mailbox, trouble] of world.pulse.troubles) say(`  ${mailbox}: ${trouble}`);
  return false;
}
