import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Update } from '#contract/connector.ts';
import type { CalendarEvent, Contact, Item, Task } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, project, withValue } from '#model/project.ts';
import { itemPairs } from '#testing/arbitrary-items.ts';
import { blobVectors } from '#testing/blob-vectors.ts';
import { ewsSample } from '#testing/ews-samples.ts';
import { withoutOccurrenceTexts } from '#testing/sayable-items.ts';
import { readXml } from '#xml/reader.ts';
import { newGlobalObjectId } from '../../mapi/global-object-id.ts';
import { Properties, readMultistatus } from '../operations/multistatus.ts';
import {
  contacts,
  keyOf,
  lid,
  mailheader,
  mapi,
  type Property,
  type PropertyChange,
  tag,
} from '../operations/property.ts';
import { eventProperties } from './event-properties.ts';
import type { BuildMapping, MappingContext } from './mapping.ts';
import { mappings } from './mappings.ts';
import { attendeesOf } from './recipients.ts';

const context: MappingContext = {
  mailboxZone: 'Europe/Berlin',
  mailbox: 'ada@example.test',
  now: '2026-03-02T08:00:00Z',
  newGlobalObjectId: () => newGlobalObjectId(Date.UTC(2026, 2, 2), new Uint8Array(16)),
};

function value(built: BuildMapping): readonly PropertyChange[] {
  assert.ok(built.ok, JSON.stringify(built));
  return built.value.changes;
}

/** What a store has after these changes, one upon another. */
function stored(...changes: readonly (readonly PropertyChange[])[]): Properties {
  const found = new Map<string, PropertyChange>();
  for (const one of changes.flat()) {
    if (one.value === undefined) found.delete(keyOf(one.property));
    else found.set(keyOf(one.property), one);
  }
  const properties = new Properties();
  for (const { property, value: held = '' } of found.values()) {
    const element = { name: property.name, ns: property.ns, attributes: {}, text: '', children: [] };
    const values = typeof held === 'string' ? [] : held.map((text) => ({ ...element, name: 'v', text }));
    properties.add({ ...element, text: typeof held === 'string' ? held : '', children: values });
  }
  return properties;
}

function read(kind: Item['kind'], found: Properties, where = context): Item {
  const result = mappings[kind].read(found, where);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function held(item: Item): Item {
  const { fields, zones } = mappings[item.kind].capabilities;
  // What stands in the calendar of the item is written apart (`edit-message.ts`).
  const { meeting: _, responses: __, attendees: ___, ...rest } = item as CalendarEvent;
  return project(withoutOccurrenceTexts(normalise(rest as Item)), fields, zones);
}

function textOf(changes: readonly PropertyChange[], property: Property) {
  return changes.findLast((one) => keyOf(one.property) === keyOf(property))?.value;
}

/** A completion has a day in Exchange, and of a recurring task only the present one is completed. */
function possible(item: Item): Item {
  if (item.kind !== 'task' || item.progress.status !== 'completed') return item;
  const { recurrence: _, ...single } = item;
  return { ...single, progress: { ...item.progress, completed: item.progress.completed ?? '2026-03-01' } };
}

test('an item changed path by path is the item it was changed into', () => {
  fc.assert(
    fc.property(itemPairs, ([one, two]) => {
      const from = held(possible(one));
      const to = held(possible(two));
      const before = value(mappings[from.kind].create(from, context));
      const update: Update = { id: 'x', version: '1', target: to, paths: diffPaths(from, to) };
      const after = value(mappings[to.kind].update(update, context, stored(before)));
      assert.deepEqual(held(read(to.kind, stored(before, after))), held(to));
    }),
    { numRuns: 300 },
  );
});

test('a change of one leaf writes nothing about others', () => {
  const ada: Contact = normalise({ kind: 'contact', name: { given: 'Ada' }, phones: { mobile: '1', home: '2' } });
  const target = withValue(ada, 'phones.home', undefined);
  const changes = value(
    mappings.contact.update({ id: 'x', version: '1', target, paths: ['phones.home'] }, context, new Properties()),
  );
  assert.deepEqual(changes, [{ property: contacts('homePhone'), value: undefined }]);
});

test('the contact a server of 2007 showed is read', () => {
  const document = readXml(ewsSample('recorded/webdav-propfind-contact-ex2007.xml'));
  assert.ok(document.ok);
  const [response] = readMultistatus(document.root);
  assert.ok(response !== undefined);
  assert.deepEqual(read('contact', response.found), {
    kind: 'contact',
    name: { given: 'Alex', surname: 'Sample', nickname: 'alex' },
  });
});

const emails = (number: 1 | 2 | 3) => ({
  type: mapi(`email${number}addrtype`),
  address: mapi(`email${number}emailaddress`),
  original: mapi(`email${number}originaldisplayname`),
});

test('an e-mail address is written with all that belongs to it, and cleared the same way', () => {
  const ada: Contact = normalise({
    kind: 'contact',
    name: { given: 'Ada', surname: 'Byron' },
    emails: { '1': 'ada@example.test', '2': 'countess@example.test' },
  });
  const made = value(mappings.contact.create(ada, context));
  assert.equal(textOf(made, emails(2).type), 'SMTP');
  assert.equal(textOf(made, contacts('email1')), '"Ada Byron" <ada@example.test>');
  assert.equal(textOf(made, lid('address', 0x8080, 'string')), 'Ada Byron (ada@example.test)');
  assert.equal(textOf(made, mapi('emaillisttype', 'int')), '3');
  assert.deepEqual(textOf(made, mapi('emailaddresslist', 'mv.int')), ['0', '1']);
  const target = withValue(ada, 'emails.2', undefined);
  const cleared = value(
    mappings.contact.update({ id: 'x', version: '1', target, paths: ['emails.2'] }, context, stored(made)),
  );
  assert.ok(
    cleared.some(({ property, value: text }) => keyOf(property) === keyOf(emails(2).address) && text === undefined),
  );
  assert.ok(!cleared.some(({ property }) => keyOf(property) === keyOf(emails(1).address)));
  assert.deepEqual(textOf(cleared, mapi('emailaddresslist', 'mv.int')), ['0']);
});

test('a fax number among the addresses stays in the list when an e-mail changes', () => {
  const fax = [{ property: mapi('emaillisttype', 'int'), value: '8' }];
  const target: Contact = normalise({ kind: 'contact', emails: { '1': 'ada@example.test' } });
  const changes = value(
    mappings.contact.update({ id: 'x', version: '1', target, paths: ['emails.1'] }, context, stored(fax)),
  );
  assert.equal(textOf(changes, mapi('emaillisttype', 'int')), '9');
  assert.deepEqual(textOf(changes, mapi('emailaddresslist', 'mv.int')), ['0', '3']);
});

test('a colleague’s address is the SMTP address beside the directory name, or none', () => {
  const dn = '/o=Example/ou=First/cn=Recipients/cn=bob';
  const bob = (original: string) =>
    stored([
      { property: emails(1).type, value: 'EX' },
      { property: emails(1).address, value: dn },
      { property: emails(1).original, value: original },
    ]);
  assert.deepEqual((read('contact', bob('bob@example.test')) as Contact).emails, { '1': 'bob@example.test' });
  assert.equal((read('contact', bob('Bob')) as Contact).emails, undefined);
});

test('a birthday stays the same date in every zone, both ways', () => {
  for (const mailboxZone of ['Pacific/Tongatapu', 'Pacific/Pago_Pago', 'Europe/London', 'America/New_York']) {
    const there = { ...context, mailboxZone };
    const item: Contact = { kind: 'contact', birthday: '1970-06-15', anniversary: '2001-12-31' };
    const made = value(mappings.contact.create(item, there));
    assert.deepEqual(read('contact', stored(made), there), item, mailboxZone);
  }
  const bday = contacts('bday', 'dateTime.tz');
  const local = lid('address', 0x80de, 'dateTime.tz');
  const birthdayOf = (...changes: readonly PropertyChange[]) => (read('contact', stored(changes)) as Contact).birthday;
  assert.equal(birthdayOf({ property: bday, value: '1970-06-14T23:00:00.000Z' }), '1970-06-15', 'local midnight');
  assert.equal(birthdayOf({ property: bday, value: '1970-06-15T11:59:00.000Z' }), '1970-06-15', 'noon of UTC');
  const plain = { property: local, value: '1970-06-16T00:00:00.000Z' };
  assert.equal(
    birthdayOf({ property: bday, value: '1970-06-15T10:00:00.000Z' }, plain),
    '1970-06-16',
    'the plain date',
  );
  const stale = { property: local, value: '1960-01-01T00:00:00.000Z' };
  assert.equal(birthdayOf({ property: bday, value: '1970-06-14T23:00:00.000Z' }, stale), '1970-06-15', 'a stale one');
});

test('the mailing address stands a second time, and moves with its choice', () => {
  const item: Contact = normalise({
    kind: 'contact',
    addresses: { business: { street: '1 High St', city: 'London', postcode: 'N1' }, home: { city: 'Ockham' } },
    mailingAddress: 'business',
  });
  const made = value(mappings.contact.create(item, context));
  assert.equal(textOf(made, contacts('workaddress')), '1 High St\r\nLondon N1');
  assert.equal(textOf(made, tag(0x3a27_001f, 'string')), 'London');
  const target: Contact = { ...item, mailingAddress: 'home' };
  const changes = value(
    mappings.contact.update({ id: 'x', version: '1', target, paths: ['mailingAddress'] }, context, stored(made)),
  );
  assert.equal(textOf(changes, tag(0x3a27_001f, 'string')), 'Ockham');
  assert.equal(textOf(changes, contacts('mailingaddressid', 'int')), '1');
});

test('a name the user chose to file a contact under stays, one that was derived follows', () => {
  const ada: Contact = normalise({ kind: 'contact', name: { given: 'Ada', surname: 'Byron' } });
  const made = value(mappings.contact.create(ada, context));
  const target: Contact = { ...ada, name: { given: 'Ada', surname: 'Lovelace' } };
  const update: Update = { id: 'x', version: '1', target, paths: ['name.surname'] };
  const followed = value(mappings.contact.update(update, context, stored(made)));
  assert.equal(textOf(followed, contacts('fileas')), 'Lovelace, Ada');
  const chosen = [{ property: contacts('fileas'), value: 'The Countess' }];
  const kept = value(mappings.contact.update(update, context, stored(made, chosen)));
  assert.equal(textOf(kept, contacts('fileas')), undefined);
  assert.equal(textOf(kept, contacts('cn')), 'Ada Lovelace');
});

test('private is said twice, and both say the same', () => {
  for (const [sensitivity, flag] of [
    ['private', '1'],
    ['confidential', '1'],
    ['personal', '0'],
    [undefined, '0'],
  ] as const) {
    const item: Task = normalise({
      kind: 'task',
      progress: { status: 'notStarted', percent: 0 },
      ...(sensitivity && { sensitivity }),
    });
    assert.equal(textOf(value(mappings.task.create(item, context)), lid('common', 0x8506, 'boolean')), flag);
  }
});

const lunch: CalendarEvent = normalise({
  kind: 'event',
  title: 'Lunch',
  when: { start: '2026-03-05T12:00:00', end: '2026-03-05T13:30:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
  reminder: { minutesBefore: 15 },
});

test('a new appointment has all that Outlook needs to show it', () => {
  const made = value(mappings.event.create(lunch, context));
  const expected: readonly (readonly [Property, string])[] = [
    [eventProperties.isRecurring, '0'],
    [eventProperties.start, '2026-03-05T11:00:00.000Z'],
    [eventProperties.endWhole, '2026-03-05T12:30:00.000Z'],
    [lid('common', 0x8516, 'dateTime.tz'), '2026-03-05T11:00:00.000Z'],
    [eventProperties.clipEnd, '2026-03-05T12:30:00.000Z'],
    [eventProperties.durationSeconds, '5400'],
    [eventProperties.durationMinutes, '90'],
    [lid('common', 0x8501, 'int'), '15'],
    [lid('common', 0x8560, 'dateTime.tz'), '2026-03-05T10:45:00.000Z'],
    [eventProperties.stateFlags, '0'],
    [tag(0x1080_0003, 'int'), String(0x400)],
  ];
  for (const [property, text] of expected) assert.equal(textOf(made, property), text, property.name);
  assert.equal(textOf(made, eventProperties.recurrence), undefined, 'a rule must be absent on what is no series');
  const id = Buffer.from(String(textOf(made, eventProperties.cleanGlobalObjectId)), 'base64');
  assert.equal(textOf(made, eventProperties.uid), id.toString('hex').toUpperCase());
});

test('everything with a type says it', () => {
  for (const { property } of value(mappings.event.create(lunch, context))) {
    if (property.ns.includes('/mapi/id/')) assert.notEqual(property.type, undefined);
  }
});

test('people of a meeting are read from headers by their role, whatever their names', () => {
  const found = stored([
    { property: mailheader('to'), value: '"Bob \\"B\\" Ross; jr, \\\\o/" <Bob@Example.test>; carl@example.test' },
    { property: mailheader('cc'), value: '"Eve" <eve@example.test>, Somebody Without Address' },
    { property: mailheader('bcc'), value: '<room1@example.test>' },
  ]);
  const event = read('event', stored(value(mappings.event.create(lunch, context))), context) as CalendarEvent;
  assert.equal(event.attendees, undefined);
  assert.deepEqual(attendeesOf(found), {
    'bob@example.test': { name: 'Bob "B" Ross; jr, \\o/', role: 'required' },
    'carl@example.test': { role: 'required' },
    'eve@example.test': { name: 'Eve', role: 'optional' },
    'room1@example.test': { role: 'resource' },
  });
});

const calendarLines = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', 'END:VEVENT', 'END:VCALENDAR'];

test('people are written apart from properties, without the organizer, and the rest is said again after them', () => {
  const meeting: CalendarEvent = normalise({
    ...lunch,
    attendees: { 'ada@example.test': { role: 'required' }, 'bob@example.test': { role: 'required' } },
  });
  const made = mappings.event.create(meeting, context);
  assert.ok(made.ok);
  const invited = made.value.editCalendar?.(calendarLines)?.filter((line) => line.startsWith('ATTENDEE'));
  assert.deepEqual(invited, ['ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:MAILTO:bob@example.test']);
  assert.equal(textOf(made.value.changes, eventProperties.stateFlags), '1');
  const { attendees: _, ...alone } = meeting;
  const update: Update = { id: 'x', version: '1', target: alone, paths: ['attendees'] };
  const changed = mappings.event.update(update, context, stored(made.value.changes));
  assert.ok(changed.ok);
  assert.deepEqual(changed.value.editCalendar?.(calendarLines), calendarLines);
  assert.equal(textOf(changed.value.changes, eventProperties.stateFlags), '0');
  assert.equal(textOf(changed.value.changes, eventProperties.start), '2026-03-05T11:00:00.000Z');
  assert.ok(
    !changed.value.changes.some(({ property }) => property.name === 'textdescription'),
    'a body keeps its format',
  );
});

test('texts of single occurrences stand in the calendar of the series, and a series that hides one is not handed on', () => {
  const series: CalendarEvent = normalise({
    ...lunch,
    body: { text: 'All' },
    recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'noEnd' } },
    overrides: {
      '2026-03-06T12:00:00': { patch: { body: { text: 'One, two' } } },
      '2026-03-07T12:00:00': { patch: { body: null, title: 'Quiet lunch' } },
    },
  });
  const made = mappings.event.create(series, context);
  assert.ok(made.ok);
  const shown = ['20260306', '20260307'].flatMap((date) => [
    'BEGIN:VEVENT',
    `RECURRENCE-ID:${date}T110000Z`,
    'END:VEVENT',
  ]);
  const lines = made.value.editCalendar?.([...calendarLines, ...shown]);
  assert.ok(lines?.includes('DESCRIPTION:One\\, two'));
  assert.equal(made.value.editCalendar?.(calendarLines), undefined, 'the server does not show the occurrences');
  const found = stored(made.value.changes);
  assert.equal(mappings.event.needsCalendar?.(found), true);
  const whole = mappings.event.withCalendar?.(read('event', found), found, lines ?? [], context);
  assert.deepEqual(whole?.ok && whole.value, series);
  const hidden = mappings.event.withCalendar?.(read('event', found), found, calendarLines, context);
  assert.equal(hidden?.ok === false && hidden.fault.code, 'item.unreadable');
});

test('a meeting somebody else organizes says so, with one’s own answer', () => {
  const received = stored(value(mappings.event.create(lunch, context)), [
    { property: eventProperties.stateFlags, value: '7' },
    { property: eventProperties.responseStatus, value: '3' },
    { property: tag(0x0065_001f, 'string'), value: 'Boss@Example.test' },
  ]);
  assert.deepEqual((read('event', received) as CalendarEvent).meeting, {
    organizing: false,
    organizer: 'boss@example.test',
    myResponse: 'accepted',
    cancelled: true,
  });
  const theirs = read('event', received) as CalendarEvent;
  const denied = mappings.event.update({ id: 'x', version: '1', target: theirs, paths: ['when'] }, context, received);
  assert.equal(denied.ok ? 'written' : denied.fault.code, 'item.denied');
  const own = mappings.event.update(
    { id: 'x', version: '1', target: theirs, paths: ['when', 'showAs'] },
    context,
    received,
  );
  assert.deepEqual(
    value(own).map(({ property }) => property.name),
    ['busystatus', '0x00008205'],
  );
});

test('a significant change of one’s own meeting counts its sequence up', () => {
  const meeting: CalendarEvent = { ...lunch, attendees: { 'bob@example.test': { role: 'required' } } };
  const before = stored([{ property: eventProperties.sequence, value: '4' }]);
  const sequenceAfter = (paths: readonly string[]) =>
    textOf(
      value(mappings.event.update({ id: 'x', version: '1', target: meeting, paths }, context, before)),
      eventProperties.sequence,
    );
  assert.equal(sequenceAfter(['when']), '5');
  assert.equal(sequenceAfter(['body']), undefined);
});

test('the times and the zone of a series are its rule’s, whatever its first times say in UTC', () => {
  const found = stored([
    { property: eventProperties.isRecurring, value: '1' },
    { property: eventProperties.start, value: '2010-10-28T12:30:00.000Z' },
    { property: eventProperties.end, value: '2010-10-28T13:30:00.000Z' },
    {
      property: eventProperties.recurrence,
      value: Buffer.from(blobVectors.everySecondThursday, 'hex').toString('base64'),
    },
    { property: eventProperties.zoneStruct, value: Buffer.from(blobVectors.easternStruct, 'hex').toString('base64') },
  ]);
  const series = read('event', found) as CalendarEvent;
  assert.deepEqual(series.when, {
    start: '2010-10-28T14:30:00',
    end: '2010-10-28T15:30:00',
    allDay: false,
    zone: 'America/New_York',
  });
});

test('a series whose rule nobody understands, and a lone occurrence, are refused with the reason', () => {
  const damaged = stored(value(mappings.event.create(lunch, context)), [
    { property: eventProperties.isRecurring, value: '1' },
    { property: eventProperties.recurrence, value: 'BDAEMA==' },
  ]);
  const refused = mappings.event.read(damaged, context);
  assert.deepEqual(refused.ok ? [] : [refused.fault.code, refused.fault.path], ['item.unsupported', 'recurrence']);
  const lone = stored([{ property: eventProperties.instanceType, value: '3' }]);
  assert.equal(mappings.event.read(lone, context).ok, false);
  const timeless = mappings.event.read(new Properties(), context);
  assert.equal(timeless.ok ? '' : timeless.fault.code, 'item.unreadable');
});

test('whole days keep their dates on the day the clocks change', () => {
  const allDay: CalendarEvent = normalise({
    ...lunch,
    when: { start: '2026-03-29T00:00:00', end: '2026-03-31T00:00:00', allDay: true },
  });
  for (const mailboxZone of ['Europe/Berlin', 'America/Sao_Paulo', 'Pacific/Kiritimati']) {
    const there = { ...context, mailboxZone };
    assert.deepEqual(
      (read('event', stored(value(mappings.event.create(allDay, there))), there) as CalendarEvent).when,
      allDay.when,
    );
  }
});

const is = {
  status: lid('task', 0x8101, 'int'),
  percent: lid('task', 0x8102, 'float'),
  due: lid('task', 0x8105, 'dateTime.tz'),
  completed: lid('task', 0x810f, 'dateTime.tz'),
  isComplete: lid('task', 0x811c, 'boolean'),
};

test('status, percentage and completion of a task agree after every change', () => {
  const states: readonly Task['progress'][] = [
    { status: 'notStarted', percent: 0 },
    { status: 'inProgress', percent: 50 },
    { status: 'completed', percent: 100, completed: '2026-02-28' },
  ];
  for (const from of states) {
    for (const to of states) {
      const before = value(mappings.task.create({ kind: 'task', progress: from }, context));
      const target: Task = { kind: 'task', progress: to };
      const after = value(
        mappings.task.update({ id: 'x', version: '1', target, paths: ['progress'] }, context, stored(before)),
      );
      assert.equal(textOf(after, is.isComplete), to.status === 'completed' ? '1' : '0');
      assert.equal(textOf(after, is.percent), String(to.percent / 100));
      assert.deepEqual((read('task', stored(before, after)) as Task).progress, to);
    }
  }
});

test('dates of a task are the same days in extreme zones, and the year 4501 is no date', () => {
  const item: Task = normalise({
    kind: 'task',
    dates: { start: '2026-03-05', due: '2026-03-29' },
    progress: { status: 'notStarted', percent: 0 },
  });
  for (const mailboxZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata']) {
    const there = { ...context, mailboxZone };
    const made = value(mappings.task.create(item, there));
    assert.equal(textOf(made, is.due), '2026-03-29T00:00:00.000Z');
    assert.deepEqual((read('task', stored(made), there) as Task).dates, item.dates);
  }
  const none = stored([{ property: is.due, value: '4501-01-01T00:00:00.000Z' }]);
  assert.equal((read('task', none) as Task).dates, undefined);
});

test('a task that is complete by its flag alone is complete, and one done to 100 percent but open is refused', () => {
  const flagged = stored([{ property: is.isComplete, value: '1' }]);
  assert.equal((read('task', flagged) as Task).progress.status, 'completed');
  const refused = mappings.task.create({ kind: 'task', progress: { status: 'waiting', percent: 100 } }, context);
  assert.equal(refused.ok ? '' : refused.fault.code, 'item.unsupported');
});

test('a task given to somebody else is read, and not overwritten', () => {
  const given = stored([{ property: lid('task', 0x8129, 'int'), value: '1' }]);
  const target = read('task', given);
  const refused = mappings.task.update({ id: 'x', version: '1', target, paths: ['progress'] }, context, given);
  assert.equal(refused.ok ? '' : refused.fault.code, 'item.denied');
});

test('what an item contradicts itself in is refused before anything is sent', () => {
  const when = { ...lunch.when, end: '2026-03-05T11:00:00' };
  const refused = mappings.event.create({ ...lunch, when }, context);
  assert.deepEqual(refused.ok ? [] : [refused.fault.code, refused.fault.path], ['item.invalid', 'when']);
  const seconds = mappings.event.create(
    {
      ...lunch,
      when: { ...lunch.when, start: '2026-03-05T12:00:30' },
      recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'noEnd' } },
    },
    context,
  );
  assert.equal(seconds.ok ? '' : seconds.fault.code, 'item.unsupported');
});

test('docs/mapping names every property that is read', () => {
  for (const mapping of Object.values(mappings)) {
    const page = (name: string) =>
      readFileSync(new URL(`../../../../docs/mapping/${name}.md`, import.meta.url), 'utf8');
    const text = page('contact') + page(mapping.kind);
    const missing = mapping.properties
      .map(shortName)
      .filter((name) => !text.toLowerCase().includes(name.toLowerCase()));
    // Numbered e-mails are named once.
    assert.deepEqual(
      missing.filter((name) => !/^email[23]/.test(name)),
      [],
      mapping.kind,
    );
  }
});

/** `0x8216` for a numbered property, the tag in full, else the name. */
function shortName({ name, ns }: Property): string {
  if (ns.includes('/mapi/id/')) return `0x${name.slice(-4)}`;
  return ns.includes('/proptag/') ? `0${name}` : name;
}

/** What a damaged or hostile store may hold where something else belongs. */
const oddValues = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('1', '0', '-1', '4294967295', 'NaN', '1e999', '9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z'),
  fc.constantFrom('1601-01-01T00:00:00.000Z', '2026-02-30T00:00:00Z', '2026-03-05T09:00:00+99:99', 'IPM.Appointment'),
  fc
    .tuple(
      fc.constantFrom(...Object.values(blobVectors)),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 5 }),
    )
    .map(([hex, edits]) => {
      const bytes = Buffer.from(hex, 'hex');
      for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
      return bytes.toString('base64');
    }),
);

test('whatever stands in a property, an item is read or refused, and never breaks the reading of others', () => {
  for (const mapping of Object.values(mappings)) {
    const bag = fc.array(fc.tuple(fc.constantFrom(...mapping.properties), oddValues), { maxLength: 25 });
    fc.assert(
      fc.property(bag, (values) => {
        const whole = mapping.kind === 'event' ? value(mappings.event.create(lunch, context)) : [];
        const found = stored(
          whole,
          values.map(([property, text]) => ({ property, value: text })),
        );
        const result = mapping.read(found, context);
        if (!result.ok) return;
        assert.deepEqual(normalise(result.value), result.value);
        const update: Update = {
          id: 'rid:1',
          version: '1',
          target: result.value,
          paths: diffPaths(undefined, result.value),
        };
        mapping.update(update, context, found);
      }),
      { numRuns: 300 },
    );
  }
});
