import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Path } from '#model/groups.ts';
import type { CalendarEvent, ShowAs, When } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, project, valueAt, withValue } from '#model/project.ts';
import { events } from '#testing/arbitrary-items.ts';
import {
  appliedTo,
  createEnvelope,
  elementOf,
  itemsOfAnswer,
  propertyText,
  readEnvelope,
  storedItem,
  updateEnvelope,
} from '#testing/ews-stored.ts';
import { schemaErrors } from '#testing/ews-validate.ts';
import type { XmlElement } from '#xml/reader.ts';
import { eventMapping } from './event.ts';
import type { MappingContext } from './mapping.ts';

const mapping = eventMapping('liaison-link');
const context: MappingContext = {
  mailboxZone: 'Europe/Berlin',
  mailbox: 'alex.sample@example.test',
  smtpOf: () => undefined,
  serverKnowsZones: true,
};

function sample(name: string): XmlElement {
  const url = new URL(`../../../../testing/ews-samples/recorded/${name}.xml`, import.meta.url);
  return itemsOfAnswer(readFileSync(url, 'utf8'))[0]!;
}

function readEvent(element: XmlElement, using: MappingContext = context) {
  const read = mapping.read(element, using);
  assert.ok(read.ok, read.ok ? '' : read.fault.message);
  assert.equal(read.value.item.kind, 'event');
  return { ...read.value, event: read.value.item as CalendarEvent };
}

function created(event: CalendarEvent, using: MappingContext = context): XmlElement {
  const built = mapping.create(event, 'key-1', using);
  assert.ok(built.ok, built.ok ? '' : `${built.fault.message} ${built.fault.path}`);
  assert.deepEqual(schemaErrors(createEnvelope(built.value)), []);
  return storedItem(built.value);
}

function changes(target: CalendarEvent, paths: readonly Path[], using: MappingContext = context) {
  return mapping.update({ id: 'A', version: 'V', target, paths }, using);
}

function updated(element: XmlElement, target: CalendarEvent, paths: readonly Path[], using = context): XmlElement {
  const built = changes(target, paths, using);
  assert.ok(built.ok, built.ok ? '' : built.fault.message);
  if (built.value.length > 0) assert.deepEqual(schemaErrors(updateEnvelope(built.value)), []);
  return appliedTo(element, built.value);
}

/** Without what only the server decides, and without what `exceptions.ts` does. */
function own(event: CalendarEvent): CalendarEvent {
  const { meeting, responses, overrides, ...rest } = event;
  return project(rest, mapping.capabilities.fields, 'windows');
}

const lunch: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  when: { start: '2026-03-27T12:00:00', end: '2026-03-27T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};

test('a single appointment recorded from Exchange 2010 is read in the zone of the mailbox', () => {
  const { event, exceptionIds, itemClass } = readEvent(sample('getitem-calendar-single-allproperties-ex2010sp3'));
  assert.deepEqual(exceptionIds, []);
  assert.equal(itemClass, 'IPM.Appointment');
  // No meeting: every own appointment names its owner as organizer.
  assert.deepEqual(event, {
    kind: 'event',
    title: 'Sample subject',
    when: { start: '2021-03-31T08:00:00', end: '2021-03-31T09:00:00', allDay: false, zone: 'Europe/Berlin' },
    showAs: 'busy',
    reminder: { minutesBefore: 15 },
  });
});

test('a series recorded with offsets and full zone definitions is read with its rule and zone', () => {
  const { event } = readEvent(sample('getitem-calendar-master-additional-tzcontext-ex2010sp3'), {
    ...context,
    mailboxZone: 'America/New_York',
  });
  assert.deepEqual(event, {
    kind: 'event',
    title: 'Sample subject',
    // 18:00+02:00 in February, because the recording's dates are shifted: 17:00 in winter.
    when: { start: '2019-02-17T17:00:00', end: '2019-02-17T18:00:00', allDay: false, zone: 'Europe/Berlin' },
    recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 3 } },
    showAs: 'busy',
    reminder: { minutesBefore: 15 },
  });
});

test('a series recorded from Exchange 2019 is known by its type although IsRecurring is false', () => {
  const { event } = readEvent(sample('getitem-calendar-master-allproperties-ex2019'), {
    ...context,
    mailboxZone: 'Etc/UTC',
  });
  assert.deepEqual(event.recurrence, {
    pattern: { kind: 'weekly', interval: 1, days: ['wednesday'], firstDay: 'monday' },
    range: { kind: 'count', count: 4 },
  });
  assert.equal(event.when.start, '2031-04-02T10:00:00');
});

test('an occurrence alone is refused: it is read with its series', () => {
  const read = mapping.read(sample('getitem-calendar-occurrence-additional-ex2010sp1'), context);
  assert.equal(!read.ok && read.fault.code, 'item.unsupported');
});

test('an event that is created is read back the same', () => {
  fc.assert(
    fc.property(events, (event) => {
      const { event: read, linkKey } = readEvent(created(event));
      assert.equal(linkKey, 'key-1');
      assert.deepEqual(own(read), own(event));
    }),
    { numRuns: 250 },
  );
});

test('an event is read back the same from a server that is told zones in full, or not at all', () => {
  const spelled = { ...context, serverKnowsZones: false };
  fc.assert(
    fc.property(events, (event) => {
      const read = readEvent(created(event, spelled)).event;
      assert.equal(read.when.start, event.when.start);
      const single = { ...event };
      delete (single as { recurrence?: unknown }).recurrence;
      const silent = readEvent(created(normalise(single), { ...context, omitZones: true })).event;
      const instants = (when: When) => own({ ...lunch, when: { ...when, zone: when.zone ?? 'Etc/UTC' } }).when;
      assert.equal(silent.when.allDay, instants(event.when).allDay);
    }),
    { numRuns: 100 },
  );
});

test('an update of the differing paths turns one event into the other', () => {
  fc.assert(
    fc.property(events, events, (one, two) => {
      const [from, to] = [own(one), own(two)];
      const after = updated(created(from), to, diffPaths(from, to));
      assert.deepEqual(own(readEvent(after).event), to);
    }),
    { numRuns: 250 },
  );
});

test('an update touches nothing but the paths it was given', () => {
  fc.assert(
    fc.property(events, events, fc.nat(), (one, two, pick) => {
      const [from, to] = [own(one), own(two)];
      const paths = diffPaths(from, to).filter((path) => !['when', 'recurrence'].includes(path));
      fc.pre(paths.length > 0);
      const path = paths[pick % paths.length]!;
      const target = normalise(withValue(from, path, valueAt(to, path)));
      const after = own(readEvent(updated(created(from), target, [path])).event);
      assert.deepEqual(after, target);
    }),
    { numRuns: 150 },
  );
});

const germanUtcMidnights = '<t:Start>2026-07-01T22:00:00Z</t:Start><t:End>2026-07-03T22:00:00Z</t:End>';

function allDay(times: string, zones: string): When {
  const text = `<t:CalendarItem><t:ItemId Id="A"/>${times}<t:IsAllDayEvent>true</t:IsAllDayEvent>${zones}</t:CalendarItem>`;
  return readEvent(elementOf(text)).event.when;
}

test('CAL-10: whole days made in another zone are the same dates here', () => {
  const tokyo = '<t:Start>2026-06-30T15:00:00Z</t:Start><t:End>2026-07-02T15:00:00Z</t:End>';
  const dates = { start: '2026-07-01T00:00:00', end: '2026-07-03T00:00:00', allDay: true };
  assert.deepEqual(allDay(tokyo, '<t:StartTimeZone Id="Tokyo Standard Time"/>'), dates);
});

test('whole days whose zone is wrong or missing are found by the mailbox zone', () => {
  const dates = { start: '2026-07-02T00:00:00', end: '2026-07-04T00:00:00', allDay: true };
  assert.deepEqual(allDay(germanUtcMidnights, ''), dates);
  assert.deepEqual(allDay(germanUtcMidnights, '<t:StartTimeZone Id="tzone://Microsoft/Utc"/>'), dates);
  const mixed = '<t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="tzone://Microsoft/Utc"/>';
  assert.deepEqual(allDay(germanUtcMidnights, mixed), dates);
});

test('whole days that are midnights nowhere snap to the nearest midnight', () => {
  const times = '<t:Start>2019-01-16T22:00:00Z</t:Start><t:End>2019-01-17T22:00:00Z</t:End>';
  const dates = { start: '2019-01-17T00:00:00', end: '2019-01-18T00:00:00', allDay: true };
  assert.deepEqual(allDay(times, '<t:StartTimeZone Id="W. Europe Standard Time"/>'), dates);
});

test('a timed event is written with its offset and its Windows zone', () => {
  const built = mapping.create(lunch, 'key-1', context);
  assert.ok(built.ok);
  assert.match(built.value.text, /<t:Start>2026-03-27T12:00:00\+01:00<\/t:Start>/);
  assert.match(built.value.text, /<t:StartTimeZone Id="W. Europe Standard Time"\/>/);
});

test('whole days are written as midnights of the mailbox zone without offset', () => {
  const when: When = { start: '2026-07-02T00:00:00', end: '2026-07-03T00:00:00', allDay: true };
  const built = mapping.create({ ...lunch, when }, 'key-1', context);
  assert.ok(built.ok);
  assert.match(built.value.text, /<t:Start>2026-07-02T00:00:00<\/t:Start><t:End>2026-07-03T00:00:00<\/t:End>/);
  assert.match(built.value.text, /<t:EndTimeZone Id="W. Europe Standard Time"\/>/);
});

test('a time that the clock skips is written as the time that exists', () => {
  const when = { start: '2026-03-29T02:30:00', end: '2026-03-29T04:00:00', allDay: false, zone: 'Europe/Berlin' };
  const built = mapping.create({ ...lunch, when }, 'key-1', context);
  assert.match(built.ok ? built.value.text : '', /<t:Start>2026-03-29T03:30:00\+02:00</);
});

test('CAL-14: without zones times are written in UTC, and a new series that would drift is refused', () => {
  const silent = { ...context, omitZones: true };
  const built = mapping.create(lunch, 'key-1', silent);
  assert.ok(built.ok);
  assert.match(built.value.text, /<t:Start>2026-03-27T11:00:00Z</);
  assert.doesNotMatch(built.value.text, /TimeZone/);
  const daily = { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'noEnd' } } as const;
  const series = mapping.create({ ...lunch, recurrence: daily }, 'key-1', silent);
  assert.equal(!series.ok && series.fault.code, 'item.unsupported');
});

test('no reminder is said explicitly, because servers remind by default', () => {
  assert.equal(propertyText(created(lunch), 'ReminderIsSet'), 'false');
  const element = created({ ...lunch, reminder: { minutesBefore: 0 } });
  assert.deepEqual(readEvent(element).event.reminder, { minutesBefore: 0 });
});

test('a reminder more than five years before is refused by name', () => {
  const built = mapping.create({ ...lunch, reminder: { minutesBefore: 2_629_801 } }, 'key-1', context);
  assert.deepEqual(!built.ok && [built.fault.code, built.fault.path], ['item.unsupported', 'reminder']);
});

for (const [legacy, number, expected] of [
  ['Free', '4', 'workingElsewhere'],
  ['Busy', '4', 'workingElsewhere'],
  ['Tentative', '4', 'tentative'],
  ['OOF', '3', 'outOfOffice'],
  ['NoData', '2', 'busy'],
  ['WorkingElsewhere', '', 'workingElsewhere'],
] as const satisfies readonly (readonly [string, string, ShowAs])[]) {
  test(`a status of ${legacy} with the MAPI number ${number} is shown as ${expected}`, () => {
    const text = `<t:CalendarItem><t:ItemId Id="A"/><t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="00062002-0000-0000-C000-000000000046" PropertyId="33285" PropertyType="Integer"/><t:Value>${number}</t:Value></t:ExtendedProperty><t:Start>2026-01-01T00:00:00Z</t:Start><t:End>2026-01-01T01:00:00Z</t:End><t:LegacyFreeBusyStatus>${legacy}</t:LegacyFreeBusyStatus></t:CalendarItem>`;
    assert.equal(readEvent(elementOf(text)).event.showAs, expected);
  });
}

const invitation = `<t:CalendarItem><t:ItemId Id="A"/><t:Start>2026-01-01T08:00:00Z</t:Start><t:End>2026-01-01T09:00:00Z</t:End>
  <t:IsCancelled>true</t:IsCancelled><t:MyResponseType>Accept</t:MyResponseType>
  <t:Organizer><t:Mailbox><t:Name>Boss</t:Name><t:EmailAddress>/O=EX/CN=BOSS</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox></t:Organizer>
  <t:RequiredAttendees><t:Attendee><t:Mailbox><t:Name>Alex</t:Name><t:EmailAddress>Alex.Sample@example.test</t:EmailAddress></t:Mailbox><t:ResponseType>Unknown</t:ResponseType></t:Attendee>
  <t:Attendee><t:Mailbox><t:EmailAddress>boss@example.test</t:EmailAddress></t:Mailbox><t:ResponseType>Organizer</t:ResponseType></t:Attendee></t:RequiredAttendees>
  <t:OptionalAttendees><t:Attendee><t:Mailbox><t:Name>bo@x.y</t:Name><t:EmailAddress>bo@x.y</t:EmailAddress></t:Mailbox><t:ResponseType>Tentative</t:ResponseType></t:Attendee></t:OptionalAttendees>
  <t:AppointmentState>7</t:AppointmentState></t:CalendarItem>`;

test('a meeting of somebody else is read with its organizer, people and answers', () => {
  const smtpOf = (dn: string) => (dn === '/O=EX/CN=BOSS' ? 'Boss@example.test' : undefined);
  const { event, unresolved } = readEvent(elementOf(invitation), { ...context, smtpOf });
  assert.deepEqual(unresolved, []);
  assert.deepEqual(event.meeting, {
    organizing: false,
    organizer: 'boss@example.test',
    myResponse: 'accepted',
    cancelled: true,
  });
  assert.deepEqual(event.attendees, {
    'alex.sample@example.test': { name: 'Alex', role: 'required' },
    'bo@x.y': { role: 'optional' },
  });
  assert.deepEqual(event.responses, { 'bo@x.y': 'tentative' });
  assert.deepEqual(readEvent(elementOf(invitation)).unresolved, ['/O=EX/CN=BOSS']);
});

test('CAL-15: on a meeting of somebody else only the own fields are written', () => {
  const meeting = { organizing: false, organizer: 'boss@example.test' };
  const target: CalendarEvent = { ...lunch, meeting, showAs: 'free', title: 'Mine' };
  const both = changes(target, ['title', 'when', 'showAs']);
  assert.ok(both.ok);
  assert.ok(both.value.every((change) => /LegacyFreeBusyStatus|33285/.test(change.text)));
  const foreign = changes(target, ['title']);
  assert.deepEqual(!foreign.ok && [foreign.fault.code, foreign.fault.path], ['item.denied', 'title']);
});

test('the last attendee is removed by clearing the lists, which are never sent empty', () => {
  const built = changes(lunch, ['attendees.bo@x.y']);
  assert.ok(built.ok);
  assert.deepEqual(
    built.value.map(({ text }) => /^<t:DeleteItemField>.*calendar:(\w+)/.exec(text)?.[1]),
    ['RequiredAttendees', 'OptionalAttendees', 'Resources'],
  );
});

test('WRT-11: the last category is removed by clearing the list', () => {
  const built = changes(lunch, ['categories']);
  assert.match(built.ok ? built.value[0]!.text : '', /^<t:DeleteItemField><t:FieldURI FieldURI="item:Categories"\/>/);
});

test('the owner of the mailbox is not written as an attendee of the own meeting', () => {
  const attendees = { 'alex.sample@example.test': { role: 'required' }, 'bo@x.y': { role: 'required' } } as const;
  assert.deepEqual(Object.keys(readEvent(created({ ...lunch, attendees })).event.attendees ?? {}), ['bo@x.y']);
});

test('an event that ends before it starts is refused as invalid', () => {
  const when = { ...lunch.when, end: '2026-03-27T11:00:00' };
  const built = mapping.create({ ...lunch, when }, 'key-1', context);
  assert.deepEqual(!built.ok && [built.fault.code, built.fault.path], ['item.invalid', 'when']);
});

test('a flaw elsewhere in a stored event does not stand in the way of an update', () => {
  const flawed = { ...lunch, when: { ...lunch.when, end: '2026-03-27T11:00:00' } };
  assert.equal(changes(flawed, ['title']).ok, true);
  assert.equal(changes(flawed, ['when']).ok, false);
});

test('a rule that is not understood is refused and not taken for a single event', () => {
  for (const rule of [
    '',
    '<t:Recurrence><t:LunarRecurrence/><t:NoEndRecurrence><t:StartDate>2026-01-01</t:StartDate></t:NoEndRecurrence></t:Recurrence>',
    '<t:Recurrence><t:DailyRegeneration><t:Interval>1</t:Interval></t:DailyRegeneration><t:NoEndRecurrence><t:StartDate>2026-01-01</t:StartDate></t:NoEndRecurrence></t:Recurrence>',
  ]) {
    const text = `<t:CalendarItem><t:ItemId Id="A"/><t:Start>2026-01-01T08:00:00Z</t:Start><t:End>2026-01-01T09:00:00Z</t:End><t:CalendarItemType>RecurringMaster</t:CalendarItemType>${rule}</t:CalendarItem>`;
    const read = mapping.read(elementOf(text), context);
    assert.deepEqual(!read.ok && [read.fault.code, read.fault.path], ['item.unsupported', 'recurrence']);
  }
});

test('an appointment without its times is unreadable, never an event at some time', () => {
  const read = mapping.read(elementOf('<t:CalendarItem><t:ItemId Id="A"/></t:CalendarItem>'), context);
  assert.equal(!read.ok && read.fault.code, 'item.unreadable');
});

test('what is asked of the server is valid, for items and for changed occurrences', () => {
  assert.deepEqual(schemaErrors(readEnvelope(mapping.shape)), []);
  assert.deepEqual(schemaErrors(readEnvelope(mapping.exceptionShape!)), []);
});

test('appointments and their changed occurrences are accepted, meeting requests are not', () => {
  const classes = [
    'IPM.Appointment',
    'IPM.Appointment.Live Meeting',
    'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}',
    'IPM.Schedule.Meeting.Request',
  ];
  assert.deepEqual(
    classes.map((name) => mapping.accepts(name)),
    [true, true, true, false],
  );
});
