/**
 * The time zone of a mailbox, in the order of how surely it is the user's: what they chose in Outlook on the web, the zone
 * of their working hours, the configured one. A server that answers but does not know is passed over; one that does not
 * answer is trouble, because a wrong zone would shift dates. A server that fails on all of these questions without a word, and
 * answers others, does not have them.
 */
import type { ZoneId } from '#model/item.ts';
import { zoneOfRules } from '#model/zone-rules.ts';
import { ianaZoneOf } from '#model/zones.ts';
import { concernsAll } from './batch.ts';
import type { Found } from './mailbox.ts';
import { buildGetFolder } from './operations/get-folder.ts';
import { buildGetUserAvailability, readGetUserAvailability } from './operations/get-user-availability.ts';
import { buildGetUserConfiguration, readGetUserConfiguration } from './operations/get-user-configuration.ts';
import type { Trouble } from './transport/classify.ts';
import type { EwsSession } from './transport/session.ts';

export interface ZoneQuestion {
  readonly session: EwsSession;
  readonly mailbox: string;
  /** Named in folder ids; undefined when the caller is or acts as the owner. */
  readonly owner: string | undefined;
  /** Also preferred among zones with the same rules. */
  readonly configured: ZoneId;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export async function mailboxZone(question: ZoneQuestion): Promise<Found<ZoneId>> {
  let failure: Found<never> | undefined;
  let isAnswered = false;
  for (const ask of [chosenAtRoot, chosenAtCalendar, ofWorkingHours]) {
    const found = await ask(question);
    if (found.ok && found.value !== undefined) return { ok: true, value: found.value };
    if (found.ok || isAnswer(found.trouble)) isAnswered = true;
    else if (isAnswered || !isSpeechless(found.trouble)) return found;
    else failure ??= found;
  }
  if (failure !== undefined && (isAnswered || !(await isAlive(question)))) return failure;
  return { ok: true, value: question.configured };
}

/** A web page or nothing under a status that says the server failed on this, as one does that lacks the operation. */
function isSpeechless({ fault }: Trouble): boolean {
  return fault.code === 'server.failure' && /^HTTP 50[01]$/.test(fault.source ?? '');
}

async function isAlive({ session, owner }: ZoneQuestion): Promise<boolean> {
  return (await session.call(buildGetFolder(['contacts'], owner))).ok;
}

/** A server that refuses just this question, by whatever code, is alive and simply has no such setting. */
function isAnswer(trouble: Trouble): boolean {
  return trouble.code !== undefined && (trouble.fault.code === 'server.failure' || !concernsAll(trouble));
}

type Asked = Promise<Found<ZoneId | undefined>>;

function chosenAtRoot(question: ZoneQuestion): Asked {
  return chosen(question, 'root');
}

function chosenAtCalendar(question: ZoneQuestion): Asked {
  return chosen(question, 'calendar');
}

async function chosen({ session, owner }: ZoneQuestion, folder: 'root' | 'calendar'): Asked {
  const answer = await session.call(buildGetUserConfiguration(folder, owner));
  if (!answer.ok) return answer;
  const entry = readGetUserConfiguration(answer.element);
  return { ok: true, value: entry.kind === 'value' && entry.value !== null ? ianaZoneOf(entry.value) : undefined };
}

async function ofWorkingHours({ session, mailbox, configured, now }: ZoneQuestion): Asked {
  const day = new Date(now).toISOString().slice(0, 10);
  const answer = await session.call(buildGetUserAvailability(mailbox, day));
  if (!answer.ok) return answer;
  const entry = readGetUserAvailability(answer.element);
  const rules = entry.kind === 'value' ? entry.value : null;
  return { ok: true, value: rules === null ? undefined : zoneOfRules(rules, Number(day.slice(0, 4)), configured) };
}
