/**
 * What the store itself makes of a write before it is saved. That is little: a store of 2007 keeps what it is given, and what
 * belongs together is the client's business (reference on Exchange 2007, sections 1.8 and 6). It understands the binary
 * recurrence, and it works out a recurrence given in words, which needs the time zone in the same request.
 */
import { completeAppointment } from '../../truth/appointment-rules.ts';
import { familyOf } from '../../truth/item.ts';
import { event, message, todo } from '../../truth/property-keys.ts';
import { readRuleText } from '../../truth/recurrence-text.ts';
import type { AppointmentSeries } from '../../truth/series.ts';
import { readSeries, readTaskRule } from '../../truth/series-blob.ts';
import { utc, wallOf, type Zone, zoneById } from '../../truth/zone.ts';
import { zoneOfSeries } from '../../truth/zone-struct.ts';
import { windowsIdOfCdo } from './cdo-zones.ts';
import { readZoneText } from './mime/zone-text.ts';
import type { PendingWrite } from './pending-write.ts';
import { completeEmails } from './properties/contact-properties.ts';
import { classOfContent } from './properties/content-class.ts';

const dayMs = 86_400_000;

/** Completes a write; answers false when it says a recurrence that Exchange cannot hold. */
export function completeWrite(pending: PendingWrite): boolean {
  const { draft } = pending;
  if (draft.get(message.itemClass) === undefined) {
    draft.set(message.itemClass, classOfContent(pending.contentClass) ?? 'IPM.Note');
  }
  completeEmails(pending);
  switch (familyOf(draft.get(message.itemClass) ?? '')) {
    case 'appointment':
      return completeRecurrence(pending);
    case 'task':
      takeTaskBlob(pending);
      return true;
    default:
      return true;
  }
}

function completeRecurrence(pending: PendingWrite): boolean {
  const { draft, recurrence } = pending;
  if (draft.touched.has(event.recurrenceBlob)) {
    takeBlob(pending);
    return true;
  }
  if (recurrence.rules !== undefined) return takeRules(pending, recurrence.rules);
  if (recurrence.instanceType === 0 && draft.series !== undefined) draft.series = undefined;
  const series = draft.series?.kind === 'appointment' ? draft.series : undefined;
  if (series === undefined) return true;
  if (recurrence.deletedTimes !== undefined) draft.series = withDeleted(series, recurrence.deletedTimes);
  else if (draft.touched.has(event.zoneStruct) || draft.touched.has(event.zoneRecur)) {
    draft.series = { ...series, zone: blobZone(pending) ?? series.zone };
  }
  return true;
}

/** A blob that cannot be understood is kept as it is, and the item is no series to anybody. */
function takeBlob(pending: PendingWrite): void {
  const { draft, mailbox } = pending;
  const bytes = draft.get(event.recurrenceBlob);
  const before = draft.series?.kind === 'appointment' ? draft.series : undefined;
  const zone = blobZone(pending) ?? before?.zone ?? mailbox.description.zone;
  const series = bytes === undefined ? undefined : readSeries(bytes, zone, before);
  if (series !== undefined || before !== undefined) draft.series = series;
}

function blobZone({ draft, mailbox }: PendingWrite): Zone | undefined {
  const definition = draft.get(event.zoneRecur) ?? draft.get(event.zoneStart);
  const own = mailbox.description.zone;
  return zoneOfSeries(draft.get(event.zoneStruct), definition, draft.get(event.zoneDescription), own);
}

/** The recipe that turns a single appointment into a series (reference on Exchange 2007, section 1.8). */
function takeRules(pending: PendingWrite, rules: readonly string[]): boolean {
  const { draft, recurrence, mailbox } = pending;
  const [text] = rules;
  if (text === undefined) {
    if (draft.series !== undefined) draft.series = undefined;
    return true;
  }
  const zone = zoneOfWords(pending);
  const startMs = draft.get(event.start) ?? mailbox.nowMs;
  const dayIn = (utcMs: number): number => Math.floor(wallOf(zone, utcMs) / dayMs);
  const written = readRuleText(text, dayIn(startMs), dayIn);
  if (written === undefined || rules.length > 1) return false;
  const { patternEnd } = recurrence;
  const isEnded = patternEnd !== undefined && new Date(patternEnd).getUTCFullYear() < 4500;
  const end =
    written.end.kind === 'none' && isEnded ? { kind: 'date' as const, day: dayIn(patternEnd - 1) } : written.end;
  const fault = completeAppointment(draft, { rule: { ...written, end }, startZone: zone, endZone: zone }, mailbox);
  if (fault !== undefined) return false;
  for (const key of [event.zoneStruct, event.zoneRecur, event.recurrenceBlob] as const) draft.delete(key);
  const series = draft.series?.kind === 'appointment' ? draft.series : undefined;
  if (series !== undefined && recurrence.deletedTimes !== undefined) {
    draft.series = withDeleted(series, recurrence.deletedTimes);
  }
  return true;
}

/** Zones must be said again with every rule: without one the rule is read in UTC. */
function zoneOfWords({ recurrence }: PendingWrite): Zone {
  const written = recurrence.timeZone === undefined ? undefined : readZoneText(recurrence.timeZone);
  const id = recurrence.timeZoneNumber === undefined ? undefined : windowsIdOfCdo(recurrence.timeZoneNumber);
  return written ?? (id === undefined ? undefined : zoneById(id)) ?? utc;
}

function withDeleted(series: AppointmentSeries, times: readonly number[]): AppointmentSeries {
  const deleted = new Set(times.map((utcMs) => Math.floor(wallOf(series.zone, utcMs) / dayMs)));
  const exceptions = new Map([...series.exceptions].filter(([day]) => !deleted.has(day)));
  return { ...series, deleted, exceptions };
}

function takeTaskBlob({ draft }: PendingWrite): void {
  if (!draft.touched.has(todo.recurrenceBlob)) return;
  const bytes = draft.get(todo.recurrenceBlob);
  const rule = bytes === undefined ? undefined : readTaskRule(bytes);
  if (rule !== undefined) draft.series = { kind: 'task', rule };
  else if (draft.series !== undefined) draft.series = undefined;
}
