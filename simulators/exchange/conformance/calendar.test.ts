import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, find, findAll } from './client.ts';
import { calendarView, createEvent, deleteItem, getItem, getItems, idOf, setField, update, world } from './world.ts';

const { call, codes } = await world();

const europe = '<t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="W. Europe Standard Time"/>';
const series = (pattern: string, range: string, date: string, zone = europe) =>
  createEvent(
    `<t:Subject>Series</t:Subject><t:Start>${date}T09:00:00</t:Start><t:End>${date}T10:00:00</t:End><t:Recurrence>${pattern}${range}</t:Recurrence>${zone}`,
  );
const numbered = (date: string, count: number) =>
  `<t:NumberedRecurrence><t:StartDate>${date}</t:StartDate><t:NumberOfOccurrences>${count}</t:NumberOfOccurrences></t:NumberedRecurrence>`;
const untilDate = (date: string, end: string) =>
  `<t:EndDateRecurrence><t:StartDate>${date}</t:StartDate><t:EndDate>${end}</t:EndDate></t:EndDateRecurrence>`;
const weekly =
  '<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday Thursday</t:DaysOfWeek></t:WeeklyRecurrence>';
const daily = '<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>';
const starts = async (from: string, until: string) =>
  findAll((await call(calendarView(from, until))).body, 'Start').map((one) => one.text);
const occurrence = (id: string, index: number) =>
  `<t:OccurrenceItemId RecurringMasterId="${id}" InstanceIndex="${index}"/>`;
const moveTo = (start: string, end: string) =>
  setField('calendar:Start', 'CalendarItem', `<t:Start>${start}</t:Start>`) +
  setField('calendar:End', 'CalendarItem', `<t:End>${end}</t:End>`);
const event = (content: string) => call(createEvent(content));
const read = async (id: string, more = '') =>
  find((await call(getItem(id, 'AllProperties', more))).body, 'CalendarItem');

test('CAL-01: across the change to summer time the wall time stays and UTC shifts', async () => {
  const { id } = idOf(await call(series(weekly, numbered('2030-03-05', 10), '2030-03-05')));
  const times = new Set((await starts('2030-03-01T00:00:00Z', '2030-04-30T00:00:00Z')).map((one) => one.slice(11)));
  assert.deepEqual(times, new Set(['08:00:00Z', '07:00:00Z']));
  assert.equal(find(find(await read(id), 'LastOccurrence'), 'Start')?.text, '2030-04-04T07:00:00Z');
});

const patterns: readonly (readonly [string, string, string, readonly [string, string, string]])[] = [
  [
    'daily',
    '<t:DailyRecurrence><t:Interval>3</t:Interval></t:DailyRecurrence>',
    '2031-01-06',
    ['2031-01-09', '2031-01-12', '2031-01-15'],
  ],
  [
    'weekly',
    '<t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence>',
    '2031-01-06',
    ['2031-01-20', '2031-02-03', '2031-02-17'],
  ],
  [
    'monthly by date',
    '<t:AbsoluteMonthlyRecurrence><t:Interval>1</t:Interval><t:DayOfMonth>6</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>',
    '2031-01-06',
    ['2031-02-06', '2031-03-06', '2031-04-06'],
  ],
  [
    'monthly by weekday',
    '<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek><t:DayOfWeekIndex>First</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>',
    '2031-01-06',
    ['2031-02-03', '2031-03-03', '2031-04-07'],
  ],
  [
    'yearly by date',
    '<t:AbsoluteYearlyRecurrence><t:DayOfMonth>6</t:DayOfMonth><t:Month>January</t:Month></t:AbsoluteYearlyRecurrence>',
    '2031-01-06',
    ['2032-01-06', '2033-01-06', '2034-01-06'],
  ],
  [
    'yearly by weekday',
    '<t:RelativeYearlyRecurrence><t:DaysOfWeek>Monday</t:DaysOfWeek><t:DayOfWeekIndex>First</t:DayOfWeekIndex><t:Month>January</t:Month></t:RelativeYearlyRecurrence>',
    '2031-01-06',
    ['2032-01-05', '2033-01-03', '2034-01-02'],
  ],
];

for (const [name, pattern, date, [second, , fourth]] of patterns) {
  test(`CAL-02: a ${name} series begins and ends where each kind of range says`, async () => {
    const ends = async (range: string) => {
      const item = await read(idOf(await call(series(pattern, range, date, ''))).id);
      return [
        find(find(item, 'FirstOccurrence'), 'Start')?.text.slice(0, 10),
        find(find(item, 'LastOccurrence'), 'Start')?.text.slice(0, 10),
      ];
    };
    assert.deepEqual(await ends(numbered(date, 4)), [date, fourth]);
    assert.deepEqual(await ends(untilDate(date, second)), [date, second]);
    assert.deepEqual(await ends(`<t:NoEndRecurrence><t:StartDate>${date}</t:StartDate></t:NoEndRecurrence>`), [
      date,
      undefined,
    ]);
  });
}

test('CAL-03: the 31st is the last day of short months', async () => {
  const monthly =
    '<t:AbsoluteMonthlyRecurrence><t:Interval>1</t:Interval><t:DayOfMonth>31</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>';
  const { id } = idOf(await call(series(monthly, numbered('2033-01-31', 4), '2033-01-31', '')));
  const days = [];
  for (const index of [1, 2, 3, 4])
    days.push(find((await call(getItems(occurrence(id, index)))).body, 'Start')?.text.slice(0, 10));
  assert.deepEqual(days, ['2033-01-31', '2033-02-28', '2033-03-31', '2033-04-30']);
});

test('CAL-04: a week has no "Weekday"', async () => {
  const bad = weekly.replace('Tuesday Thursday', 'Weekday');
  assert.deepEqual(await codes(series(bad, numbered('2030-03-05', 3), '2030-03-05')), [
    'ErrorCalendarInvalidDayForWeeklyRecurrence',
  ]);
});

test('CAL-05: changing one occurrence makes an exception of it and a new key for the series', async () => {
  const master = idOf(await call(series(daily, numbered('2034-03-01', 5), '2034-03-01')));
  const reply = await call(
    update(occurrence(master.id, 3), setField('item:Subject', 'CalendarItem', '<t:Subject>Special</t:Subject>')),
  );
  assert.equal(idOf(reply).id.length, 168);
  assert.notEqual(idOf(reply).key, master.key);
  const item = await read(master.id);
  assert.equal(find(find(item, 'ModifiedOccurrences'), 'ItemId')?.attributes.Id, idOf(reply).id);
  const exception = await read(idOf(reply).id);
  assert.equal(find(exception, 'Subject')?.text, 'Special');
  assert.equal(find(exception, 'CalendarItemType')?.text, 'Exception');
  assert.equal(find(exception, 'ItemClass')?.text, 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}');
});

test('CAL-06: a deleted occurrence is listed, and asking for it or past the end says which', async () => {
  const master = idOf(await call(series(daily, numbered('2034-04-03', 5), '2034-04-03')));
  await call(deleteItem(occurrence(master.id, 4)));
  assert.equal(find(find(await read(master.id), 'DeletedOccurrences'), 'Start')?.text, '2034-04-06T07:00:00Z');
  const reply = await call(getItems(occurrence(master.id, 4) + occurrence(master.id, 99) + occurrence(master.id, 5)));
  assert.deepEqual(codesOf(reply), [
    'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
    'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
    'NoError',
  ]);
});

test('CAL-07: an occurrence does not jump over its neighbour', async () => {
  const master = idOf(await call(series(daily, numbered('2034-05-01', 5), '2034-05-01')));
  assert.deepEqual(
    await codes(update(occurrence(master.id, 2), moveTo('2034-05-04T07:00:00Z', '2034-05-04T08:00:00Z'))),
    ['ErrorOccurrenceCrossingBoundary'],
  );
});

test('CAL-08: any occurrence leads to its series', async () => {
  const master = idOf(await call(series(daily, numbered('2034-06-01', 3), '2034-06-01')));
  const first = find(find(await read(master.id), 'FirstOccurrence'), 'ItemId')?.attributes.Id;
  const reply = await call(getItems(`<t:RecurringMasterItemId OccurrenceId="${first}"/>`));
  assert.equal(idOf(reply).id, master.id);
});

test('CAL-09: an all-day event covers whole days of its zone', async () => {
  const eastern = '<t:StartTimeZone Id="Eastern Standard Time"/><t:EndTimeZone Id="Eastern Standard Time"/>';
  const { id } = idOf(
    await event(
      `<t:Start>2030-07-01T13:00:00</t:Start><t:End>2030-07-01T15:00:00</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent>${eastern}`,
    ),
  );
  const item = await read(id);
  assert.deepEqual(
    [find(item, 'Start')?.text, find(item, 'End')?.text, find(item, 'Duration')?.text],
    ['2030-07-01T04:00:00Z', '2030-07-02T04:00:00Z', 'P1D'],
  );
});

test('CAL-11: a new zone alone keeps the wall time; with times it keeps the instant', async () => {
  const { id } = idOf(await event(`<t:Start>2030-01-10T09:00:00</t:Start><t:End>2030-01-10T10:00:00</t:End>${europe}`));
  const zone =
    setField('calendar:StartTimeZone', 'CalendarItem', '<t:StartTimeZone Id="Eastern Standard Time"/>') +
    setField('calendar:EndTimeZone', 'CalendarItem', '<t:EndTimeZone Id="Eastern Standard Time"/>');
  await call(update(`<t:ItemId Id="${id}"/>`, zone));
  assert.equal(find(await read(id), 'Start')?.text, '2030-01-10T14:00:00Z');
  await call(update(`<t:ItemId Id="${id}"/>`, moveTo('2030-01-10T08:00:00Z', '2030-01-10T09:00:00Z') + zone));
  assert.equal(find(await read(id), 'Start')?.text, '2030-01-10T08:00:00Z');
});

test('CAL-12: a time without offset is read in the zone of the request, one with offset is not', async () => {
  const header = '<t:TimeZoneContext><t:TimeZoneDefinition Id="Pacific Standard Time"/></t:TimeZoneContext>';
  const made = await call(createEvent('<t:Start>2030-01-10T09:00:00</t:Start><t:End>2030-01-10T20:00:00Z</t:End>'), {
    header,
  });
  const item = await read(idOf(made).id);
  assert.deepEqual(
    [find(item, 'Start')?.text, find(item, 'End')?.text],
    ['2030-01-10T17:00:00Z', '2030-01-10T20:00:00Z'],
  );
  const local = await call(getItem(idOf(made).id), { header });
  assert.equal(find(local.body, 'Start')?.text, '2030-01-10T09:00:00-08:00');
  assert.match(find(local.body, 'DateTimeCreated')?.text ?? '', /-0[78]:00$/);
});

test('CAL-16: an end before the start, and five years, are refused', async () => {
  const from = '<t:Start>2030-01-10T09:00:00Z</t:Start>';
  assert.deepEqual(await codes(createEvent(`${from}<t:End>2030-01-10T08:00:00Z</t:End>`)), [
    'ErrorCalendarEndDateIsEarlierThanStartDate',
  ]);
  assert.deepEqual(await codes(createEvent(`${from}<t:End>2036-01-10T08:00:00Z</t:End>`)), [
    'ErrorCalendarDurationIsTooLong',
  ]);
});

test('CAL-18: a moved series has a new id, its occurrences follow, its UID stays', async () => {
  const master = idOf(await call(series(daily, numbered('2034-08-01', 3), '2034-08-01')));
  const uid = find(await read(master.id), 'UID')?.text;
  const moved = idOf(
    await call(
      `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId><m:ItemIds><t:ItemId Id="${master.id}"/></m:ItemIds></m:MoveItem>`,
    ),
  );
  assert.notEqual(moved.id, master.id);
  const item = await read(moved.id);
  assert.equal(find(item, 'UID')?.text, uid);
  assert.match(uid ?? '', /^040000008200E00074C5B7101A82E00800000000[0-9A-F]{72}$/);
  const first = find(find(item, 'FirstOccurrence'), 'ItemId')?.attributes.Id ?? '';
  assert.equal(find(await read(first), 'UID')?.text, uid);
  assert.deepEqual(
    await codes(
      `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="calendar"/></m:ToFolderId><m:ItemIds><t:ItemId Id="${first}"/></m:ItemIds></m:MoveItem>`,
    ),
    ['ErrorCalendarCannotMoveOrCopyOccurrence'],
  );
});

test('CAL: a new rule drops all exceptions, a new subject does not', async () => {
  const master = idOf(await call(series(daily, numbered('2034-09-01', 5), '2034-09-01')));
  await call(
    update(occurrence(master.id, 2), setField('item:Subject', 'CalendarItem', '<t:Subject>Special</t:Subject>')),
  );
  await call(
    update(`<t:ItemId Id="${master.id}"/>`, setField('item:Subject', 'CalendarItem', '<t:Subject>Renamed</t:Subject>')),
  );
  assert.ok(find(await read(master.id), 'ModifiedOccurrences'));
  const rule = setField(
    'calendar:Recurrence',
    'CalendarItem',
    `<t:Recurrence>${weekly}${numbered('2034-09-01', 5)}</t:Recurrence>`,
  );
  assert.deepEqual(await codes(update(`<t:ItemId Id="${master.id}"/>`, rule)), ['NoError']);
  const item = await read(master.id);
  assert.equal(find(item, 'ModifiedOccurrences'), undefined);
  assert.equal(find(find(item, 'Recurrence'), 'StartDate')?.text, '2034-09-05Z');
});

test('CAL: a zone the server does not know is taken from its definition', async () => {
  const own = (name: string) =>
    `<t:${name} Id="Own Zone" Name="Own"><t:Periods><t:Period Bias="PT3H30M" Name="Standard" Id="p1"/></t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0"><t:Transition><t:To Kind="Period">p1</t:To></t:Transition></t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition></t:Transitions></t:${name}>`;
  const { id } = idOf(
    await event(
      `<t:Start>2030-01-10T09:00:00</t:Start><t:End>2030-01-10T10:00:00</t:End>${own('StartTimeZone')}${own('EndTimeZone')}`,
    ),
  );
  const item = await read(id, '<t:FieldURI FieldURI="calendar:StartTimeZone"/>');
  assert.equal(find(item, 'Start')?.text, '2030-01-10T12:30:00Z');
  assert.equal(find(item, 'StartTimeZone')?.attributes.Id, 'Own Zone');
});

test('CAL: a series and all its occurrences have one key, and an exception changes it for all', async () => {
  const master = idOf(await call(series(daily, numbered('2034-10-02', 5), '2034-10-02')));
  const keys = async () => {
    const reply = await call(
      getItems(`<t:ItemId Id="${master.id}"/>${occurrence(master.id, 1)}${occurrence(master.id, 4)}`, 'IdOnly'),
    );
    return findAll(reply.body, 'ItemId').map((one) => one.attributes.ChangeKey);
  };
  assert.deepEqual(await keys(), [master.key, master.key, master.key]);
  const changed = idOf(
    await call(
      update(occurrence(master.id, 2), setField('item:Subject', 'CalendarItem', '<t:Subject>Special</t:Subject>')),
    ),
  );
  assert.notEqual(changed.key, master.key);
  assert.deepEqual(await keys(), [changed.key, changed.key, changed.key]);
});

test('CAL: a new appointment reminds a quarter of an hour before unless told otherwise', async () => {
  const reminder = async (more: string) => {
    const times = '<t:Start>2030-01-10T09:00:00Z</t:Start><t:End>2030-01-10T10:00:00Z</t:End>';
    const item = await read(idOf(await event(`${more}${times}`)).id);
    return [find(item, 'ReminderIsSet')?.text, find(item, 'ReminderMinutesBeforeStart')?.text];
  };
  assert.deepEqual(await reminder(''), ['true', '15']);
  assert.deepEqual(await reminder('<t:ReminderIsSet>false</t:ReminderIsSet>'), ['false', '15']);
});

test('CAL: numbers of a recurrence have limits, and its occurrences do not overlap', async () => {
  const times = (end: string) => `<t:Start>2030-07-01T10:00:00Z</t:Start><t:End>${end}</t:End>`;
  const range = (count: number) =>
    `<t:NumberedRecurrence><t:StartDate>2030-07-01</t:StartDate><t:NumberOfOccurrences>${count}</t:NumberOfOccurrences></t:NumberedRecurrence>`;
  const made = (pattern: string, count = 5, end = '2030-07-01T11:00:00Z') =>
    codes(createEvent(`${times(end)}<t:Recurrence>${pattern}${range(count)}</t:Recurrence>`));
  const daily = (interval: number) => `<t:DailyRecurrence><t:Interval>${interval}</t:Interval></t:DailyRecurrence>`;
  const monthly = (interval: number, day: number) =>
    `<t:AbsoluteMonthlyRecurrence><t:Interval>${interval}</t:Interval><t:DayOfMonth>${day}</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>`;
  assert.deepEqual(await made(daily(999)), ['NoError']);
  for (const pattern of [daily(0), daily(1000), monthly(100, 1), monthly(1, 32)]) {
    assert.deepEqual(await made(pattern), ['ErrorCalendarOutOfRange'], pattern);
  }
  assert.deepEqual(await made(daily(1), 1000), ['ErrorCalendarOutOfRange']);
  assert.deepEqual(await made(daily(1), 5, '2030-07-02T11:00:00Z'), ['ErrorOccurrenceTimeSpanTooBig']);
  assert.deepEqual(await made(daily(1), 5, '2030-07-02T10:00:00Z'), ['NoError']);
});

test('CAL: a request of 2007 writes and reads the zone by its old name', async () => {
  const old = { version: 'Exchange2007_SP1' };
  const zone = '<t:MeetingTimeZone TimeZoneName="Eastern Standard Time"/>';
  const wall = '<t:Start>2030-07-01T10:00:00</t:Start><t:End>2030-07-01T11:00:00</t:End>';
  const { id } = idOf(await call(createEvent(wall + zone), old));
  const paths = ['Start', 'MeetingTimeZone'].map((name) => `<t:FieldURI FieldURI="calendar:${name}"/>`).join('');
  const got = (await call(getItem(id, 'IdOnly', paths), old)).body;
  assert.equal(find(got, 'Start')?.text, '2030-07-01T14:00:00Z');
  assert.equal(find(got, 'MeetingTimeZone')?.attributes.TimeZoneName, 'Eastern Standard Time');
});
