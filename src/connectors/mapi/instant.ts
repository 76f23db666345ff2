/**
 * Times as EWS sends them: `xs:dateTime` with Z, with an offset (a TimeZoneContext was sent) or, from some proxies, with
 * fractions. Dates without time are kept by Exchange as instants; which date they mean is decided here.
 */
import type { Instant, PlainDate, ZoneId } from '#model/item.ts';
import { dateOf, daySeconds, localOf, secondsOf } from '#model/local-time.ts';
import { toLocal } from '#model/zones.ts';

/** Canonical instant of an `xs:dateTime`; a time without zone is UTC. Undefined when it is none. */
export function instantOf(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  if (text.length === 20 && text[19] === 'Z') return Number.isNaN(secondsOf(text.slice(0, 19))) ? undefined : text;
  return slowInstantOf(text.trim());
}

const dateTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))?$/;

function slowInstantOf(text: string): Instant | undefined {
  const [, local, sign, hours, minutes] = dateTime.exec(text) ?? [];
  if (local === undefined) return undefined;
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 * (sign === '-' ? -1 : 1);
  const seconds = secondsOf(local) - offset;
  return Number.isNaN(seconds) ? undefined : `${localOf(seconds)}Z`;
}

/**
 * The date a birthday or anniversary means. Outlook stores midnight of the user's zone, newer clients 11:59 UTC, which
 * is the same date from UTC-11 to UTC+12.
 */
export function birthdayOf(instant: Instant, mailboxZone: ZoneId): PlainDate {
  const time = instant.slice(11, 16);
  if (time === '00:00' || time === '11:59') return instant.slice(0, 10);
  const local = toLocal(instant, mailboxZone);
  if (local.slice(11, 16) === '00:00') return local.slice(0, 10);
  return dateOf(Math.floor((secondsOf(instant.slice(0, 19)) + daySeconds / 2) / daySeconds));
}

/** A date kept as a local midnight is off by this much at most when daylight-saving rules changed since. */
const midnightSlackSeconds = 2 * 3600;

/**
 * The date a task date means: servers give midnight of the mailbox's zone or of UTC. A time near the mailbox's midnight is
 * a midnight under other daylight-saving rules; anything else is taken by its UTC date.
 */
export function taskDateOf(instant: Instant, mailboxZone: ZoneId): PlainDate {
  const local = toLocal(instant, mailboxZone);
  if (local.endsWith('T00:00:00')) return local.slice(0, 10);
  if (instant.endsWith('T00:00:00Z')) return instant.slice(0, 10);
  const seconds = secondsOf(local);
  const nearest = Math.round(seconds / daySeconds);
  return Math.abs(seconds - nearest * daySeconds) <= midnightSlackSeconds ? dateOf(nearest) : instant.slice(0, 10);
}

/** Midnight UTC of the date, see `taskDateOf`. */
export function taskDateInstant(date: PlainDate): Instant {
  return `${date}T00:00:00Z`;
}
