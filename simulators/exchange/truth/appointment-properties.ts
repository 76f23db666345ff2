/**
 * Calendar properties that a MAPI reader finds on every appointment although some writers leave them out: recurrence and its
 * blob, zones, the span a series covers. What was written stands; what was not follows from the series and the times.
 */
import { type Item, propertyOf, type View } from './item.ts';
import { type PropertyKey, type PropertyValue, sameValue } from './properties.ts';
import { event, message, todo } from './property-keys.ts';
import { dateOf } from './recurrence.ts';
import { type AppointmentSeries, lastOccurrence } from './series.ts';
import { readSeries, writeSeries, writeTaskRule } from './series-blob.ts';
import { utcOf, type Zone } from './zone.ts';
import { zoneBlob } from './zone-blob.ts';
import { zoneStruct } from './zone-struct.ts';

const dayMs = 86_400_000;

/** Last instant of a series without end, 4500-08-31 23:59. */
const endlessMs = Date.UTC(4500, 7, 31, 23, 59);

/** The value of a property of an appointment or task, made when nobody wrote one. */
export function appointmentProperty(view: View, key: PropertyKey): PropertyValue | undefined {
  const { series } = view.item;
  if (key === (event.recurrenceBlob as PropertyKey)) {
    return view.occurrence === undefined && series?.kind === 'appointment' ? blobOf(view.item, series) : undefined;
  }
  if (key === (todo.recurrenceBlob as PropertyKey)) return taskBlobOf(view.item);
  const stored = propertyOf(view, key);
  if (stored !== undefined) return stored;
  if (key === (event.cleanGlobalObjectId as PropertyKey)) return propertyOf(view, event.globalObjectId);
  return series?.kind === 'appointment' ? ofSeries(key, series, view) : undefined;
}

const blobs = new WeakMap<AppointmentSeries, Uint8Array>();

/** The bytes that were written, as long as they still say what the series is; else the series written anew. */
function blobOf(item: Item, series: AppointmentSeries): Uint8Array {
  let canonical = blobs.get(series);
  if (canonical === undefined) {
    canonical = writeSeries(series);
    blobs.set(series, canonical);
  }
  const raw = item.properties.get(event.recurrenceBlob);
  const meant = raw === undefined ? undefined : readSeries(raw, series.zone, series);
  return raw !== undefined && meant !== undefined && sameValue(writeSeries(meant), canonical) ? raw : canonical;
}

function taskBlobOf({ series, properties }: Item): Uint8Array | undefined {
  if (series?.kind !== 'task') return properties.get(todo.recurrenceBlob);
  return properties.get(todo.recurrenceBlob) ?? writeTaskRule(series.rule);
}

function ofSeries(key: PropertyKey, series: AppointmentSeries, view: View): PropertyValue | undefined {
  switch (key) {
    case event.recurring as PropertyKey:
      return true;
    case event.recurrenceType as PropertyKey:
      return recurrenceType(series);
    case event.recurrencePattern as PropertyKey:
      return sentenceOf(series);
    case event.zoneStruct as PropertyKey:
      return zoneStruct(series.zone);
    case event.zoneRecur as PropertyKey:
      return zoneBlob(series.zone);
    case event.zoneDescription as PropertyKey:
      return series.zone.name;
    case event.clipStart as PropertyKey:
      return utcOf(series.zone, series.rule.startDay * dayMs);
    case event.clipEnd as PropertyKey:
      return clipEnd(series, series.zone);
    case message.iconIndex as PropertyKey:
      return ((propertyOf(view, event.stateFlags) ?? 0) & 1) === 0 ? 0x401 : 0x403;
    default:
      return undefined;
  }
}

/** 1 daily, 2 weekly, 3 monthly, 4 yearly. */
function recurrenceType({ rule }: AppointmentSeries): number {
  const { pattern } = rule;
  const isYears = 'interval' in pattern && pattern.kind.startsWith('monthly') && pattern.interval % 12 === 0;
  if (pattern.kind === 'daily') return 1;
  if (pattern.kind === 'weekly') return 2;
  return isYears || pattern.kind.startsWith('yearly') ? 4 : 3;
}

function clipEnd(series: AppointmentSeries, zone: Zone): number {
  const last = lastOccurrence(series);
  return last === undefined ? endlessMs : utcOf(zone, (last.day + 1) * dayMs);
}

/** The sentence that Outlook shows; its words are ours. */
function sentenceOf({ rule, startOffsetMs, durationMs }: AppointmentSeries): string {
  const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  const { year, month, day } = dateOf(rule.startDay);
  const names = { daily: 'day', weekly: 'week', monthly: 'month', yearly: 'year' } as const;
  const unit = names[rule.pattern.kind.replace('Nth', '') as keyof typeof names] ?? 'day';
  const interval = 'interval' in rule.pattern ? rule.pattern.interval : 1;
  const every = interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`;
  const from = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return `${every} from ${clock(startOffsetMs)} to ${clock(startOffsetMs + durationMs)} effective ${from}`;
}
