/**
 * Changed and excluded occurrences of a series. Exchange keeps them inside the master; an occurrence is addressed by its
 * place in the pattern (`t:OccurrenceItemId`, InstanceIndex, 1-based, excluded ones count). Writing times or rule of a
 * master drops all of them.
 */

import { indexOfOccurrence } from '#model/expand.ts';
import type { Path } from '#model/groups.ts';
import { groupOf, leafOf } from '#model/groups.ts';
import type { CalendarEvent, LocalDateTime, Override, OverridePatch, When, ZoneId } from '#model/item.ts';
import { localOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import { sameJson } from '#model/same-json.ts';
import { toInstant } from '#model/zones.ts';
import type { XmlElement } from '#xml/reader.ts';
import { child, childText } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { instantOf } from '../../mapi/instant.ts';
import { refuse } from '../../mapi/refusal.ts';
import { bodyElement } from './base.ts';
import { refusal } from './check.ts';
import { mayChange, reminderChanges } from './event.ts';
import type { EventDraft } from './event-read.ts';
import { eventDraft, reminderOfDraft, whenOfDraft, zoneOfDraft } from './event-read.ts';
import { setField } from './field.ts';
import type { BuildMapping, MappingContext } from './mapping.ts';
import { showAsChanges, showAsOf } from './show-as.ts';
import { occurrenceTimeChanges, originalStartOf } from './when.ts';

/**
 * Merges fetched exceptions into the master that was read from `masterElement`. A changed occurrence that was not fetched
 * keeps at least its own times, which the master tells.
 */
export function withExceptions(
  master: CalendarEvent,
  masterElement: XmlElement,
  exceptions: readonly XmlElement[],
  context: MappingContext,
): CalendarEvent {
  const modified = child(masterElement, 'ModifiedOccurrences');
  if (modified === undefined) return master;
  const zone = zoneOfDraft(eventDraft(masterElement, context, ''), context);
  const series: Series = { master, zone, context };
  const byId = new Map(exceptions.map((element) => [child(element, 'ItemId')?.attributes.Id, element]));
  const overrides: Record<LocalDateTime, Override> = { ...master.overrides };
  for (const occurrence of modified.children) {
    const original = instantOf(childText(occurrence, 'OriginalStart'));
    if (original === undefined) continue;
    const key = originalStartOf(original, master.when, zone);
    const element = byId.get(child(occurrence, 'ItemId')?.attributes.Id);
    const patch = element === undefined ? timePatch(occurrence, key, series) : patchOf(element, key, series);
    overrides[key] = { patch };
  }
  return normalise({ ...master, overrides });
}

interface Series {
  readonly master: CalendarEvent;
  readonly zone: ZoneId;
  readonly context: MappingContext;
}

/** Everything the occurrence says; `normalise` drops what the series says as well. */
function patchOf(element: XmlElement, key: LocalDateTime, series: Series): OverridePatch {
  const draft = eventDraft(element, series.context, '');
  const when = ownTimes(draft, key, series);
  return {
    title: draft.subject ?? null,
    location: draft.location ?? null,
    ...(when === undefined ? {} : { when }),
    showAs: showAsOf(draft.freeBusy, draft.busyStatus),
    reminder: reminderOfDraft(draft) ?? null,
    body: draft.body ?? null,
  };
}

/** Only the times: an entry of ModifiedOccurrences has Start and End but does not say whether it is a whole day. */
function timePatch(occurrence: XmlElement, key: LocalDateTime, series: Series): OverridePatch {
  const draft = { ...eventDraft(occurrence, series.context, ''), allDay: series.master.when.allDay };
  const when = ownTimes(draft, key, series);
  return when === undefined ? {} : { when };
}

/** The occurrence's own times, undefined when they are the pattern's: the same instants, or the same days. */
function ownTimes(draft: EventDraft, key: LocalDateTime, { master, zone, context }: Series): OverridePatch['when'] {
  const when = whenOfDraft(draft, zone, context);
  if (when === undefined) return undefined;
  const { start, end, allDay } = when;
  const planned = plannedTimes(key, master.when);
  const isPlanned =
    allDay === planned.allDay &&
    (allDay
      ? start === planned.start && end === planned.end
      : draft.start === toInstant(planned.start, zone) && draft.end === toInstant(planned.end, zone));
  return isPlanned ? undefined : { start, end, allDay };
}

/** The times of an occurrence that has no own ones. */
function plannedTimes(key: LocalDateTime, { start, end, allDay }: When): Omit<When, 'zone'> {
  return { start: key, end: localOf(secondsOf(key) + secondsOf(end) - secondsOf(start)), allDay };
}

/** One request about one occurrence. */
export type ExceptionStep =
  | { readonly kind: 'delete'; readonly index: number; readonly key: LocalDateTime }
  | {
      readonly kind: 'update';
      readonly index: number;
      readonly key: LocalDateTime;
      readonly updates: readonly Markup[];
    };

/**
 * The paths an update really needs: an excluded occurrence comes back only by writing the rule again, which drops all
 * exceptions, so `recurrence` is added where one shall.
 */
export function seriesPaths(from: CalendarEvent, to: CalendarEvent, paths: readonly Path[]): readonly Path[] {
  if (to.recurrence === undefined || isRewritten(paths) || !mayChange(to, 'recurrence')) return paths;
  const returns = keysOf(from, to, paths).some((key) => isExcluded(from, key) && !isExcluded(to, key));
  return returns ? [...paths, 'recurrence'] : paths;
}

/**
 * The steps that bring the exceptions of a stored series from `from` to `to`: changes in order, then removals from the
 * last to the first. Undefined `from`: newly created, there are none yet. `paths` as `seriesPaths` answered them.
 */
export function exceptionSteps(
  from: CalendarEvent | undefined,
  to: CalendarEvent,
  paths: readonly Path[],
  context: MappingContext,
): BuildMapping<readonly ExceptionStep[]> {
  const { recurrence } = to;
  if (recurrence === undefined) return { ok: true, value: [] };
  const refused = refusal(to, ['overrides']);
  if (refused !== undefined) return refused;
  const isNew = from === undefined || isRewritten(paths);
  const stored = isNew ? undefined : from;
  const changes: ExceptionStep[] = [];
  const removals: ExceptionStep[] = [];
  for (const key of isNew ? Object.keys(to.overrides ?? {}).sort() : keysOf(from, to, paths)) {
    if (stored !== undefined && isExcluded(stored, key)) continue;
    const index = indexOfOccurrence(to.when.start, recurrence, key);
    if (index === undefined) {
      return refuse('item.invalid', 'The override is no occurrence of the series.', `overrides.${key}`);
    }
    if (isExcluded(to, key)) {
      removals.unshift({ kind: 'delete', index, key });
      continue;
    }
    const asked = patchGroups.filter((group) => !sameJson(patchAt(stored, key)[group], patchAt(to, key)[group]));
    const allowed = asked.filter((group) => mayChange(to, group));
    if (asked.length > 0 && allowed.length === 0) {
      return refuse('item.denied', 'Only the organizer of the meeting can change this.', `overrides.${key}`);
    }
    // What the occurrence has now and shall not have any more goes back to the value of the series.
    const updates = allowed.flatMap((group) => groupChanges(group, patchAt(to, key), to, key, context));
    if (updates.length > 0) changes.push({ kind: 'update', index, key, updates });
  }
  return { ok: true, value: [...changes, ...removals] };
}

/** Whether these paths make the server drop all exceptions. */
function isRewritten(paths: readonly Path[]): boolean {
  return paths.includes('when') || paths.includes('recurrence');
}

/** The occurrences the paths name, in order. */
function keysOf(from: CalendarEvent, to: CalendarEvent, paths: readonly Path[]): readonly LocalDateTime[] {
  const keys = new Set<LocalDateTime>();
  for (const path of paths) {
    if (groupOf(path) !== 'overrides') continue;
    const key = leafOf(path);
    if (key !== undefined) keys.add(key);
    else for (const each of [...Object.keys(from.overrides ?? {}), ...Object.keys(to.overrides ?? {})]) keys.add(each);
  }
  return [...keys].sort();
}

function isExcluded(event: CalendarEvent, key: LocalDateTime): boolean {
  const override = event.overrides?.[key];
  return override !== undefined && 'excluded' in override;
}

function patchAt(event: CalendarEvent | undefined, key: LocalDateTime): OverridePatch {
  const override = event?.overrides?.[key];
  return override !== undefined && 'patch' in override ? override.patch : {};
}

const patchGroups = ['title', 'location', 'when', 'showAs', 'reminder', 'body'] as const;

/** An occurrence inherits what it does not have, so "none" is written as an empty text and never deleted. */
function groupChanges(
  group: (typeof patchGroups)[number],
  patch: OverridePatch,
  series: CalendarEvent,
  key: LocalDateTime,
  context: MappingContext,
): readonly Markup[] {
  const text = (own: string | null | undefined, shared: string | undefined) =>
    own === undefined ? (shared ?? '') : (own ?? '');
  switch (group) {
    case 'title':
      return [setField('CalendarItem', 'item:Subject', xml`<t:Subject>${text(patch.title, series.title)}</t:Subject>`)];
    case 'location': {
      const element = xml`<t:Location>${text(patch.location, series.location)}</t:Location>`;
      return [setField('CalendarItem', 'calendar:Location', element)];
    }
    case 'when':
      return occurrenceTimeChanges(patch.when ?? plannedTimes(key, series.when), series.when, context);
    case 'showAs':
      return showAsChanges(patch.showAs ?? series.showAs);
    case 'reminder':
      return reminderChanges(patch.reminder === undefined ? series.reminder : (patch.reminder ?? undefined));
    case 'body': {
      const body = patch.body === undefined ? series.body : (patch.body ?? undefined);
      return [setField('CalendarItem', 'item:Body', bodyElement(body ?? { text: '' })!)];
    }
  }
}
