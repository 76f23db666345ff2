/**
 * The canonical form of a series' overrides: a patch holds only what differs from the series. Keys that are not
 * occurrences of the rule are kept, because whether they become events of their own is the engine's decision.
 */
import type { CalendarEvent, LocalDateTime, Override, OverridePatch } from './item.ts';
import { secondsOf } from './local-time.ts';
import { normaliseBody } from './normalise-body.ts';
import { midnightBefore, normaliseWhen } from './normalise-when.ts';
import { line } from './text.ts';

/** Sorted by original start; undefined without a rule or when no override says anything. */
export function normaliseOverrides(
  overrides: NonNullable<CalendarEvent['overrides']>,
  event: CalendarEvent,
): CalendarEvent['overrides'] | undefined {
  if (event.recurrence === undefined) return undefined;
  const series = normalSeries(event);
  const found = new Map<LocalDateTime, Override>();
  for (const [key, override] of Object.entries(overrides)) {
    const originalStart = event.when.allDay ? midnightBefore(key) : key;
    if (found.has(originalStart)) continue;
    if ('excluded' in override) {
      found.set(originalStart, { excluded: true });
      continue;
    }
    const patch = differences(override.patch, originalStart, series);
    if (patch !== undefined) found.set(originalStart, { patch });
  }
  if (found.size === 0) return undefined;
  return Object.fromEntries([...found].sort(([one], [two]) => (one < two ? -1 : 1)));
}

/** The series' own values, each computed when a patch first asks for it. */
interface Series {
  readonly event: CalendarEvent;
  readonly when: CalendarEvent['when'];
  readonly durationSeconds: number;
}

function normalSeries(event: CalendarEvent): Series {
  const when = normaliseWhen(event.when);
  return { event, when, durationSeconds: secondsOf(when.end) - secondsOf(when.start) };
}

/** The patch without what the series says anyway, its groups in the order of `groups.ts`. */
function differences(patch: OverridePatch, originalStart: LocalDateTime, series: Series): OverridePatch | undefined {
  const { event } = series;
  const result: { readonly [name in keyof OverridePatch]: unknown } = {
    ...differing('title', patch.title, event.title, line),
    ...differing('location', patch.location, event.location, line),
    ...ownTime(patch.when, originalStart, series),
    ...differing('showAs', patch.showAs, event.showAs, (showAs) => showAs),
    ...differing('reminder', patch.reminder, event.reminder, ({ minutesBefore }) => ({ minutesBefore })),
    ...differing('body', patch.body, event.body, normaliseBody),
  };
  return Object.keys(result).length === 0 ? undefined : (result as OverridePatch);
}

/** A patched value that says nothing means the same as null. */
function differing<K extends keyof OverridePatch, V>(
  name: K,
  patched: V | null | undefined,
  own: V | undefined,
  canonical: (value: V) => V | undefined,
): { [key in K]?: V | null } | undefined {
  if (patched === undefined) return undefined;
  const value = patched === null ? undefined : canonical(patched);
  const series = own === undefined ? undefined : canonical(own);
  if (JSON.stringify(value) === JSON.stringify(series)) return undefined;
  return { [name]: value ?? null } as { [key in K]: V | null };
}

function ownTime(
  patched: OverridePatch['when'],
  originalStart: LocalDateTime,
  { when, durationSeconds }: Series,
): Pick<OverridePatch, 'when'> | undefined {
  if (patched === undefined) return undefined;
  const { start, end, allDay } = normaliseWhen({ start: patched.start, end: patched.end, allDay: patched.allDay });
  const isOriginal = start === originalStart && allDay === when.allDay;
  if (isOriginal && secondsOf(end) - secondsOf(start) === durationSeconds) return undefined;
  return { when: { start, end, allDay } };
}
