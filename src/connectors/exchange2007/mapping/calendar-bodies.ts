/**
 * Texts of single occurrences inside the calendar of their series (RFC 5545 3.8.1.5, 3.8.4.4): properties do not reach them.
 * Occurrences are told by their original date, of which there is one in a series.
 */
import type { LocalDateTime, PlainDate, ZoneId } from '#model/item.ts';
import { toLocal } from '#model/zones.ts';

/** By original date; null: the occurrence has no text. */
export type Bodies = ReadonlyMap<PlainDate, string | null>;

/** The texts of all changed occurrences. `zone`: of the series. */
export function bodiesIn(calendar: readonly string[], zone: ZoneId): Bodies {
  const bodies = new Map<PlainDate, string | null>();
  for (const { from, to } of occurrencesOf(calendar)) {
    const date = dateOf(calendar.slice(from, to), zone);
    if (date === undefined) continue;
    const own = ownLines(calendar, from, to).find((at) => isDescription(calendar[at] ?? ''));
    const text = own === undefined ? '' : unescaped(calendar[own] ?? '');
    bodies.set(date, text === '' ? null : text);
  }
  return bodies;
}

/** The calendar with these texts; undefined: one of the occurrences is not in it. */
export function withBodies(calendar: readonly string[], bodies: Bodies, zone: ZoneId): readonly string[] | undefined {
  const lines: string[] = [];
  const missing = new Set(bodies.keys());
  let at = 0;
  for (const { from, to } of occurrencesOf(calendar)) {
    lines.push(...calendar.slice(at, from));
    at = from;
    const date = dateOf(calendar.slice(from, to), zone);
    const body = date === undefined ? undefined : bodies.get(date);
    if (date === undefined || body === undefined) continue;
    missing.delete(date);
    const own = new Set(ownLines(calendar, from, to).filter((one) => isDescription(calendar[one] ?? '')));
    for (; at < to - 1; at += 1) if (!own.has(at)) lines.push(calendar[at] ?? '');
    lines.push(`DESCRIPTION:${escaped(body ?? '')}`);
  }
  return missing.size > 0 ? undefined : [...lines, ...calendar.slice(at)];
}

interface Span {
  /** Of BEGIN:VEVENT, and behind END:VEVENT. */
  readonly from: number;
  readonly to: number;
}

function occurrencesOf(calendar: readonly string[]): readonly Span[] {
  const spans: Span[] = [];
  let from = -1;
  calendar.forEach((line, at) => {
    if (/^BEGIN:VEVENT$/i.test(line)) from = at;
    if (/^END:VEVENT$/i.test(line) && from >= 0) spans.push({ from, to: at + 1 });
  });
  return spans;
}

/** Lines of the event itself, not of an alarm inside it. */
function ownLines(calendar: readonly string[], from: number, to: number): readonly number[] {
  const own: number[] = [];
  let depth = 0;
  for (let at = from + 1; at < to - 1; at += 1) {
    const line = calendar[at] ?? '';
    if (/^BEGIN:/i.test(line)) depth += 1;
    else if (/^END:/i.test(line)) depth -= 1;
    else if (depth === 0) own.push(at);
  }
  return own;
}

function isDescription(line: string): boolean {
  return /^DESCRIPTION[;:]/i.test(line);
}

function dateOf(lines: readonly string[], zone: ZoneId): PlainDate | undefined {
  const line = lines.find((one) => /^RECURRENCE-ID[;:]/i.test(one));
  const [, year, month, day, hour, minute, second, utc] =
    /:(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(line ?? '') ?? [];
  if (year === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  if (utc === undefined) return date;
  const local: LocalDateTime = `${date}T${hour}:${minute}:${second}`;
  return toLocal(`${local}Z`, zone).slice(0, 10);
}

/** RFC 5545 3.3.11. */
function unescaped(line: string): string {
  const value = /^DESCRIPTION(?:;[^:"]*(?:"[^"]*"[^:"]*)*)?:(.*)$/is.exec(line)?.[1] ?? '';
  return value.replace(/\\([nN\\;,])/g, (_, one: string) => (/n/i.test(one) ? '\n' : one));
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|[\r\n]/g, '\\n');
}
