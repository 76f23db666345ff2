import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indexOfOccurrence, nthOccurrence } from '#model/expand.ts';
import type { CalendarEvent, LocalDateTime } from '#model/item.ts';
import { localOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, project } from '#model/project.ts';
import { toInstant } from '#model/zones.ts';
import { series } from '#testing/arbitrary-items.ts';
import { appliedTo, elementOf, storedItem, updateEnvelope } from '#testing/ews-stored.ts';
import { schemaErrors } from '#testing/ews-validate.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { eventMapping } from './event.ts';
import type { ExceptionStep } from './exceptions.ts';
import { exceptionSteps, seriesPaths, withExceptions } from './exceptions.ts';
import type { MappingContext } from './mapping.ts';

const mapping = eventMapping('liaison-link');
const context: MappingContext = {
  mailboxZone: 'Europe/Berlin',
  mailbox: 'alex.sample@example.test',
  smtpOf: () => undefined,
  serverKnowsZones: true,
};

/** A series as a server keeps it: the master, and what became of single occurrences. */
interface StoredSeries {
  readonly master: XmlElement;
  readonly event: CalendarEvent;
  readonly modified: ReadonlyMap<number, XmlElement>;
  readonly deleted: ReadonlySet<number>;
}

function steps(from: CalendarEvent | undefined, to: CalendarEvent, paths: readonly string[]): readonly ExceptionStep[] {
  const built = exceptionSteps(from, to, paths, context);
  assert.ok(built.ok, built.ok ? '' : built.fault.message);
  return built.value;
}

function created(event: CalendarEvent): StoredSeries {
  const built = mapping.create(event, 'key-1', context);
  assert.ok(built.ok, built.ok ? '' : `${built.fault.message} ${built.fault.path}`);
  const stored = { master: storedItem(built.value), event, modified: new Map(), deleted: new Set<number>() };
  return stepped(stored, steps(undefined, event, ['overrides']));
}

function stepped(stored: StoredSeries, todo: readonly ExceptionStep[]): StoredSeries {
  const modified = new Map(stored.modified);
  const deleted = new Set(stored.deleted);
  for (const step of todo) {
    assert.ok(!deleted.has(step.index), 'a deleted occurrence is never touched');
    assert.equal(indexOfOccurrence(stored.event.when.start, stored.event.recurrence!, step.key), step.index);
    if (step.kind === 'delete') {
      deleted.add(step.index);
      modified.delete(step.index);
    } else {
      assert.deepEqual(schemaErrors(updateEnvelope(step.updates)), []);
      const before = modified.get(step.index) ?? occurrence(stored, step.key, step.index);
      modified.set(step.index, appliedTo(before, step.updates));
    }
  }
  return { ...stored, modified, deleted };
}

/** An occurrence that nobody touched says what its series says. */
function occurrence({ master, event }: StoredSeries, key: LocalDateTime, index: number): XmlElement {
  const inherited = ['Subject', 'Body', 'ReminderIsSet', 'ReminderMinutesBeforeStart', 'ExtendedProperty'].concat([
    'LegacyFreeBusyStatus',
    'Location',
    'IsAllDayEvent',
  ]);
  const [start, end] = planned(event, key);
  const own = elementOf(
    `<t:CalendarItem><t:ItemId Id="occurrence-${index}"/><t:Start>${start}</t:Start><t:End>${end}</t:End><t:OriginalStart>${start}</t:OriginalStart></t:CalendarItem>`,
  );
  return { ...own, children: [...own.children, ...master.children.filter((one) => inherited.includes(one.name))] };
}

function planned({ when }: CalendarEvent, key: LocalDateTime): readonly [string, string] {
  const zone = when.zone ?? context.mailboxZone;
  const end = localOf(secondsOf(key) + secondsOf(when.end) - secondsOf(when.start));
  return [toInstant(key, zone), toInstant(end, zone)];
}

function readSeries({ master, event, modified, deleted }: StoredSeries): CalendarEvent {
  const start = (index: number) => planned(event, nthOccurrence(event.when.start, event.recurrence!, index)!);
  const changedOnes = [...modified].map(([index, element]) => {
    const text = (name: string) => element.children.find((one) => one.name === name)!.text;
    return `<t:Occurrence><t:ItemId Id="occurrence-${index}"/><t:Start>${text('Start')}</t:Start><t:End>${text('End')}</t:End><t:OriginalStart>${start(index)[0]}</t:OriginalStart></t:Occurrence>`;
  });
  const removed = [...deleted].map(
    (index) => `<t:DeletedOccurrence><t:Start>${start(index)[0]}</t:Start></t:DeletedOccurrence>`,
  );
  const lists = [
    ...(changedOnes.length === 0
      ? []
      : [elementOf(`<t:ModifiedOccurrences>${changedOnes.join('')}</t:ModifiedOccurrences>`)]),
    ...(removed.length === 0 ? [] : [elementOf(`<t:DeletedOccurrences>${removed.join('')}</t:DeletedOccurrences>`)]),
  ];
  const element = { ...master, children: [...master.children, ...lists] };
  const read = mapping.read(element, context);
  assert.ok(read.ok);
  assert.deepEqual(
    read.value.exceptionIds,
    [...modified.keys()].map((index) => `occurrence-${index}`),
  );
  return withExceptions(read.value.item as CalendarEvent, element, [...modified.values()].reverse(), context);
}

function comparable(event: CalendarEvent): CalendarEvent {
  return project(own(event), mapping.capabilities.fields, 'windows');
}

/** Without what only the server decides. */
function own({ meeting, responses, ...rest }: CalendarEvent): CalendarEvent {
  return rest;
}

const ownSeries = series.map(own);

const weekly: CalendarEvent = {
  kind: 'event',
  title: 'Review',
  location: 'Room 1',
  when: { start: '2026-03-03T02:30:00', end: '2026-03-03T03:15:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['tuesday', 'sunday'], firstDay: 'monday' },
    range: { kind: 'count', count: 12 },
  },
  showAs: 'busy',
  reminder: { minutesBefore: 10 },
};

test('a series with changed and removed occurrences is read back the same', () => {
  fc.assert(
    fc.property(ownSeries, (event) => {
      assert.deepEqual(comparable(readSeries(created(event))), comparable(event));
    }),
    { numRuns: 250 },
  );
});

test('changed overrides are brought to their new state step by step', () => {
  fc.assert(
    fc.property(ownSeries, ownSeries, (one, two) => {
      const places = Object.values(two.overrides ?? {});
      const keys = Object.keys(one.overrides ?? {});
      const overrides = Object.fromEntries(
        keys.map((key, at) => [key, keepsDay(places[at]) ?? one.overrides![key]!] as const),
      );
      const target = normalise({ ...one, overrides });
      const paths = diffPaths(one, target);
      const all = seriesPaths(one, target, paths);
      // Writing the rule again drops every exception.
      const base = all.includes('recurrence') ? created({ ...one, overrides: {} }) : created(one);
      const after = stepped({ ...base, event: target }, steps(one, target, all));
      assert.deepEqual(comparable(readSeries(after)), comparable(target));
    }),
    { numRuns: 250 },
  );
});

/** An override of another series fits here when it does not move its occurrence. */
function keepsDay(override: NonNullable<CalendarEvent['overrides']>[string] | undefined) {
  if (override === undefined || 'excluded' in override) return override;
  const { when, ...patch } = override.patch;
  return { patch };
}

test('changes come first in order, removals last from the end', () => {
  const overrides = {
    '2026-03-03T02:30:00': { excluded: true },
    '2026-03-08T02:30:00': { patch: { title: 'A' } },
    '2026-03-10T02:30:00': { excluded: true },
    '2026-03-15T02:30:00': { patch: { location: null } },
  } as const;
  const order = steps(undefined, { ...weekly, overrides }, ['overrides']).map(({ kind, index }) => `${kind} ${index}`);
  assert.deepEqual(order, ['update 2', 'update 4', 'delete 3', 'delete 1']);
});

test('an override that is taken back returns the occurrence to what the series says', () => {
  const from: CalendarEvent = {
    ...weekly,
    overrides: { '2026-03-08T02:30:00': { patch: { title: 'A', reminder: null, showAs: 'free', location: null } } },
  };
  const after = stepped({ ...created(from), event: weekly }, steps(from, weekly, ['overrides.2026-03-08T02:30:00']));
  assert.deepEqual(comparable(readSeries(after)), comparable(normalise(weekly)));
});

test('an occurrence that shall come back makes the rule be written again', () => {
  const from: CalendarEvent = { ...weekly, overrides: { '2026-03-08T02:30:00': { excluded: true } } };
  const path = 'overrides.2026-03-08T02:30:00';
  assert.deepEqual(seriesPaths(from, weekly, [path]), [path, 'recurrence']);
  assert.deepEqual(seriesPaths(from, from, ['title']), ['title']);
  assert.deepEqual(seriesPaths(weekly, from, [path]), [path]);
});

test('an override of no occurrence is refused by name before anything is written', () => {
  const event: CalendarEvent = { ...weekly, overrides: { '2026-03-04T02:30:00': { excluded: true } } };
  const built = exceptionSteps(undefined, event, ['overrides'], context);
  assert.deepEqual(!built.ok && [built.fault.code, built.fault.path], [
    'item.invalid',
    'overrides.2026-03-04T02:30:00',
  ]);
});

test('an occurrence in the hour the clock skips is known by the time of its series', () => {
  // 02:30 does not exist in Berlin on 29 March 2026; servers answer 03:30 or 01:30.
  const text = (original: string) =>
    `<t:ModifiedOccurrences><t:Occurrence><t:ItemId Id="x"/><t:Start>${original}</t:Start><t:End>2026-03-29T01:30:00Z</t:End><t:OriginalStart>${original}</t:OriginalStart></t:Occurrence></t:ModifiedOccurrences>`;
  const { master } = created(weekly);
  for (const original of ['2026-03-29T01:30:00Z', '2026-03-29T00:30:00Z']) {
    const element = { ...master, children: [...master.children, elementOf(text(original))] };
    const exception = elementOf(
      '<t:CalendarItem><t:ItemId Id="x"/><t:Subject>Moved</t:Subject><t:Start>2026-03-29T08:00:00Z</t:Start><t:End>2026-03-29T09:00:00Z</t:End></t:CalendarItem>',
    );
    const { overrides } = withExceptions(normalise(weekly), element, [exception], context);
    assert.deepEqual(Object.keys(overrides ?? {}), ['2026-03-29T02:30:00']);
    const override = overrides!['2026-03-29T02:30:00']!;
    assert.ok('patch' in override);
    assert.deepEqual(override.patch.when, { start: '2026-03-29T10:00:00', end: '2026-03-29T11:00:00', allDay: false });
    assert.equal(override.patch.title, 'Moved');
    assert.equal(override.patch.location, null);
  }
});

test('a changed occurrence that could not be fetched keeps at least its own time', () => {
  const { master } = created(weekly);
  const modified = elementOf(
    '<t:ModifiedOccurrences><t:Occurrence><t:ItemId Id="x"/><t:Start>2026-03-08T10:00:00Z</t:Start><t:End>2026-03-08T11:00:00Z</t:End><t:OriginalStart>2026-03-08T01:30:00Z</t:OriginalStart></t:Occurrence></t:ModifiedOccurrences>',
  );
  const element = { ...master, children: [...master.children, modified] };
  assert.deepEqual(withExceptions(normalise(weekly), element, [], context).overrides, {
    '2026-03-08T02:30:00': {
      patch: { when: { start: '2026-03-08T11:00:00', end: '2026-03-08T12:00:00', allDay: false } },
    },
  });
});

test('an occurrence of a meeting of somebody else keeps what only the organizer may change', () => {
  const key = '2026-03-08T02:30:00';
  const foreign: CalendarEvent = { ...weekly, meeting: { organizing: false } };
  const target = { ...foreign, overrides: { [key]: { patch: { title: 'Mine', showAs: 'free' as const } } } };
  const [step] = steps(foreign, target, [`overrides.${key}`]);
  assert.ok(step?.kind === 'update');
  assert.ok(step.updates.every(({ text }: Markup) => !text.includes('item:Subject')));
  const titled = { ...foreign, overrides: { [key]: { patch: { title: 'Mine' } } } };
  const refused = exceptionSteps(foreign, titled, [`overrides.${key}`], context);
  assert.equal(!refused.ok && refused.fault.code, 'item.denied');
});
