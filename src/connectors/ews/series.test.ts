import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Create, Update } from '#contract/connector.ts';
import type { CalendarEvent } from '#model/item.ts';
import { failure, response, success } from '#testing/ews-answers.ts';
import { got, item, keyOf, running, wrote } from '#testing/ews-scripted-mailbox.ts';
import { hangUp } from '#testing/scripted-server.ts';

const series: CalendarEvent = {
  kind: 'event',
  title: 'Review',
  when: { start: '2030-03-05T09:00:00', end: '2030-03-05T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 10 } },
  overrides: {
    '2030-03-06T09:00:00': {
      patch: {
        title: 'Review, moved',
        when: { start: '2030-03-06T11:00:00', end: '2030-03-06T12:00:00', allDay: false },
      },
    },
    '2030-03-08T09:00:00': { patch: { location: 'Room 2' } },
    '2030-03-09T09:00:00': { excluded: true },
    '2030-03-10T09:00:00': { excluded: true },
  },
  showAs: 'busy',
};
const create: Create = { linkKey: 'key-1', item: series };

function event(id: string, version = 1, fields = ''): string {
  return item('CalendarItem', id, version, `<t:ItemClass>IPM.Appointment</t:ItemClass>${fields}`);
}

/** The parts of requests that address occurrences. */
function occurrencesIn(body: string): readonly string[] {
  return [...body.matchAll(/<t:OccurrenceItemId [^>]*>/g)].map(([text]) => text);
}

test('a created series is applied after its master, each changed occurrence and all removed ones', async (context) => {
  const { connector, server, operations } = await running(context, {
    CreateItem: () => wrote('CreateItem', event('m')),
    UpdateItem: ({ count }) => wrote('UpdateItem', event('occurrence', count + 1)),
    DeleteItem: () => response('DeleteItem', success('DeleteItem', ''), success('DeleteItem', '')),
    GetItem: () => got(event('m', 9)),
  });
  assert.deepEqual(await connector.create('event', [create]), [
    { kind: 'applied', value: { id: 'm', version: keyOf('m', 9) } },
  ]);
  assert.deepEqual(operations(), ['CreateItem', 'UpdateItem', 'UpdateItem', 'DeleteItem', 'GetItem']);
  const addressed = server.asked.flatMap(({ body }) => occurrencesIn(body));
  assert.deepEqual(addressed, [
    `<t:OccurrenceItemId RecurringMasterId="m" ChangeKey="${keyOf('m')}" InstanceIndex="2"/>`,
    `<t:OccurrenceItemId RecurringMasterId="m" ChangeKey="${keyOf('occurrence', 2)}" InstanceIndex="4"/>`,
    '<t:OccurrenceItemId RecurringMasterId="m" InstanceIndex="6"/>',
    '<t:OccurrenceItemId RecurringMasterId="m" InstanceIndex="5"/>',
  ]);
});

test('several series go through the same requests', async (context) => {
  const { connector, operations } = await running(context, {
    CreateItem: () => wrote('CreateItem', event('m'), event('n')),
    UpdateItem: ({ body }) => wrote('UpdateItem', ...occurrencesIn(body).map((_, index) => event(`o${index}`, 2))),
    DeleteItem: ({ body }) => response('DeleteItem', ...occurrencesIn(body).map(() => success('DeleteItem', ''))),
    GetItem: ({ ids }) => got(...ids.map((id) => event(id, 9))),
  });
  const outcomes = await connector.create('event', [create, { ...create, linkKey: 'key-2' }]);
  assert.deepEqual(
    outcomes.map((one) => (one.kind === 'applied' ? one.value.id : one.kind)),
    ['m', 'n'],
  );
  assert.deepEqual(operations(), ['CreateItem', 'UpdateItem', 'UpdateItem', 'DeleteItem', 'GetItem']);
});

test('a created series whose occurrences were refused or cut off is unknown, not applied and not rejected', async (context) => {
  for (const occurrence of [response('UpdateItem', failure('UpdateItem', 'ErrorOccurrenceCrossingBoundary')), hangUp]) {
    const { connector, operations } = await running(context, {
      CreateItem: () => wrote('CreateItem', event('m')),
      UpdateItem: () => occurrence,
    });
    const [outcome] = await connector.create('event', [create]);
    assert.equal(outcome?.kind, 'unknown');
    assert.deepEqual(operations(), ['CreateItem', 'UpdateItem']);
  }
});

test('a removed occurrence that is removed already does not disturb', async (context) => {
  const { connector } = await running(context, {
    CreateItem: () => wrote('CreateItem', event('m')),
    UpdateItem: () => wrote('UpdateItem', event('o', 2)),
    DeleteItem: () =>
      response(
        'DeleteItem',
        failure('DeleteItem', 'ErrorCalendarOccurrenceIsDeletedFromRecurrence').replace('<m:Items/>', ''),
        success('DeleteItem', ''),
      ),
    GetItem: () => got(event('m', 9)),
  });
  const [outcome] = await connector.create('event', [create]);
  assert.equal(outcome?.kind, 'applied');
});

const rule =
  '<t:Start>2030-03-05T08:00:00Z</t:Start><t:End>2030-03-05T09:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent><t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:CalendarItemType>RecurringMaster</t:CalendarItemType><t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2030-03-05+01:00</t:StartDate><t:NumberOfOccurrences>10</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
const occurrences =
  '<t:ModifiedOccurrences><t:Occurrence><t:ItemId Id="x2" ChangeKey="EQAAABYAAADxx"/><t:Start>2030-03-06T10:00:00Z</t:Start><t:End>2030-03-06T11:00:00Z</t:End><t:OriginalStart>2030-03-06T08:00:00Z</t:OriginalStart></t:Occurrence></t:ModifiedOccurrences><t:DeletedOccurrences><t:DeletedOccurrence><t:Start>2030-03-09T08:00:00Z</t:Start></t:DeletedOccurrence></t:DeletedOccurrences>';
const zone = '<t:StartTimeZone Id="W. Europe Standard Time" Name="Berlin"/>';
const master = (version: number): string =>
  event('m', version, `<t:Subject>Review</t:Subject>${rule}${occurrences}${zone}`.replace('<t:ItemClass>', ''));
const exception = item(
  'CalendarItem',
  'x2',
  1,
  '<t:ItemClass>IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}</t:ItemClass><t:Subject>Review, moved</t:Subject><t:Start>2030-03-06T10:00:00Z</t:Start><t:End>2030-03-06T11:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent><t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:CalendarItemType>Exception</t:CalendarItemType>',
);
const stored = ({ ids }: { readonly ids: readonly string[] }): string =>
  got(...ids.map((id) => (id === 'm' ? master(1) : exception)));

test('a series is read with its changed and removed occurrences', async (context) => {
  const { connector, operations } = await running(context, { GetItem: stored });
  const reply = await connector.read('event', ['m']);
  assert.ok(reply.ok && reply.value[0]?.kind === 'present');
  const read = reply.value[0].snapshot.item as CalendarEvent;
  assert.deepEqual(read.overrides, {
    '2030-03-06T09:00:00': {
      patch: {
        title: 'Review, moved',
        when: { start: '2030-03-06T11:00:00', end: '2030-03-06T12:00:00', allDay: false },
      },
    },
    '2030-03-09T09:00:00': { excluded: true },
  });
  assert.deepEqual(operations(), ['GetItem', 'GetItem']);
});

test('a series one of whose changed occurrences cannot be read is failed, never shorter', async (context) => {
  const { connector } = await running(context, {
    GetItem: ({ ids }) =>
      ids.includes('m') ? got(master(1)) : response('GetItem', failure('GetItem', 'ErrorItemNotFound')),
  });
  const reply = await connector.read('event', ['m']);
  assert.ok(reply.ok && reply.value[0]?.kind === 'failed' && reply.value[0].fault.code === 'item.unreadable');
});

const base: Omit<Update, 'target' | 'paths'> = { id: 'm', version: keyOf('m', 1) };
const storedOverrides = {
  '2030-03-06T09:00:00': {
    patch: {
      title: 'Review, moved',
      when: { start: '2030-03-06T11:00:00', end: '2030-03-06T12:00:00', allDay: false },
    },
  },
  '2030-03-09T09:00:00': { excluded: true },
} as const;

test('only the occurrence that changed is written, on the version it was planned against', async (context) => {
  const target = {
    ...series,
    overrides: { ...storedOverrides, '2030-03-08T09:00:00': { patch: { location: 'Room 2' } } },
  };
  const { connector, server } = await running(context, {
    GetItem: ({ ids, body, count }) =>
      body.includes('AdditionalProperties') && count <= 2 ? stored({ ids }) : got(event('m', 7)),
    UpdateItem: () => wrote('UpdateItem', event('o', 6)),
  });
  const outcomes = await connector.update('event', [{ ...base, target, paths: ['overrides.2030-03-08T09:00:00'] }]);
  assert.deepEqual(outcomes, [{ kind: 'applied', value: { id: 'm', version: keyOf('m', 7) } }]);
  const writes = server.asked.filter(({ body }) => body.includes('<m:UpdateItem'));
  assert.deepEqual(
    writes.flatMap(({ body }) => occurrencesIn(body)),
    [`<t:OccurrenceItemId RecurringMasterId="m" ChangeKey="${keyOf('m', 1)}" InstanceIndex="4"/>`],
  );
});

test('a series that changed since it was planned against is a conflict before anything is written', async (context) => {
  const { connector, operations } = await running(context, {
    GetItem: ({ ids }) => got(...ids.map((id) => (id === 'm' ? master(2) : exception))),
  });
  const [outcome] = await connector.update('event', [
    { ...base, target: { ...series, overrides: {} }, paths: ['overrides'] },
  ]);
  assert.ok(outcome?.kind === 'rejected' && outcome.fault.code === 'item.conflict');
  assert.ok(!operations().includes('UpdateItem'));
});

test('writing new times of a series writes all its occurrences anew, because the server drops them', async (context) => {
  const { connector, server, operations } = await running(context, {
    GetItem: ({ ids, body }) => (body.includes('AdditionalProperties') ? stored({ ids }) : got(event('m', 9))),
    UpdateItem: ({ body, count }) =>
      wrote('UpdateItem', event(body.includes('OccurrenceItemId') ? 'o' : 'm', count + 1)),
    DeleteItem: ({ body }) => response('DeleteItem', ...occurrencesIn(body).map(() => success('DeleteItem', ''))),
  });
  const moved: CalendarEvent = {
    kind: 'event',
    title: 'Review',
    when: { start: '2030-03-05T08:00:00', end: '2030-03-05T09:00:00', allDay: false, zone: 'Europe/Berlin' },
    recurrence: series.recurrence!,
    overrides: { '2030-03-08T08:00:00': { patch: { location: 'Room 2' } }, '2030-03-09T08:00:00': { excluded: true } },
    showAs: 'busy',
  };
  const [outcome] = await connector.update('event', [{ ...base, target: moved, paths: ['when', 'overrides'] }]);
  assert.deepEqual(outcome, { kind: 'applied', value: { id: 'm', version: keyOf('m', 9) } });
  assert.deepEqual(operations(), ['GetItem', 'GetItem', 'UpdateItem', 'UpdateItem', 'DeleteItem', 'GetItem']);
  assert.deepEqual(server.asked.flatMap(({ body }) => occurrencesIn(body)).length, 2);
});

test('an occurrence refused before anything was written rejects the update; after the master it is unknown', async (context) => {
  const target = {
    ...series,
    title: 'Audit',
    overrides: { ...storedOverrides, '2030-03-08T09:00:00': { patch: { location: 'Room 2' } } },
  };
  const handlers = {
    GetItem: stored,
    UpdateItem: ({ body }: { readonly body: string }) =>
      body.includes('OccurrenceItemId')
        ? response('UpdateItem', failure('UpdateItem', 'ErrorAccessDenied'))
        : wrote('UpdateItem', event('m', 2)),
  };
  const { connector } = await running(context, handlers);
  const [alone] = await connector.update('event', [{ ...base, target, paths: ['overrides.2030-03-08T09:00:00'] }]);
  assert.equal(alone?.kind, 'rejected');
  const [both] = await connector.update('event', [
    { ...base, target, paths: ['title', 'overrides.2030-03-08T09:00:00'] },
  ]);
  assert.equal(both?.kind, 'unknown');
});

const single: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  when: { start: '2030-03-05T12:00:00', end: '2030-03-05T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};

test('a zone the server does not know by name is written out, also for all later items', async (context) => {
  const { connector, server } = await running(context, {
    CreateItem: ({ body }) =>
      body.includes('<t:Periods>')
        ? wrote('CreateItem', event('a'))
        : response('CreateItem', failure('CreateItem', 'ErrorTimeZone')),
  });
  const named = await connector.create('event', [{ linkKey: 'k', item: single }]);
  assert.equal(named[0]?.kind, 'applied');
  await connector.create('event', [{ linkKey: 'k2', item: single }]);
  assert.equal(server.asked.filter(({ body }) => body.includes('<m:CreateItem')).length, 3);
});

test('an update refused for its zone is tried again without zones, at the same instant (CAL-14)', async (context) => {
  const { connector, server } = await running(context, {
    UpdateItem: ({ body }) =>
      body.includes('TimeZone"') && body.includes('StartTimeZone')
        ? response(
            'UpdateItem',
            failure('UpdateItem', 'ErrorInvalidPropertySet', '<t:FieldURI FieldURI="calendar:StartTimeZone"/>'),
          )
        : wrote('UpdateItem', event('m', 2)),
  });
  const [outcome] = await connector.update('event', [{ ...base, target: single, paths: ['when'] }]);
  assert.deepEqual(outcome, { kind: 'applied', value: { id: 'm', version: keyOf('m', 2) } });
  assert.match(server.asked.at(-1)?.body ?? '', /<t:Start>2030-03-05T11:00:00Z</);
});
