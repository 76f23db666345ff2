/** What is asked beside items: availability, ids in other forms, automatic replies, subscriptions, names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, faultCode, find, findAll } from './client.ts';
import { createEvent, idOf, world } from './world.ts';

const { call, codes } = await world();

const bob = { user: 'bob@example.test', password: 'bob-pw1' };

/** Berlin, as a client writes it into availability requests. */
const zone =
  '<t:TimeZone><t:Bias>-60</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>';
const window = (from: string, until: string) => `<t:StartTime>${from}</t:StartTime><t:EndTime>${until}</t:EndTime>`;
const availability = (options: string, ...people: readonly string[]) =>
  `<m:GetUserAvailabilityRequest>${zone}<m:MailboxDataArray>${people.map((one) => `<t:MailboxData><t:Email><t:Address>${one}@example.test</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData>`).join('')}</m:MailboxDataArray>${options}</m:GetUserAvailabilityRequest>`;
const view = (type: string, from = '2030-07-01T00:00:00', until = '2030-07-02T00:00:00') =>
  `<t:FreeBusyViewOptions><t:TimeWindow>${window(from, until)}</t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>${type}</t:RequestedView></t:FreeBusyViewOptions>`;

test('free and busy times are told in the zone of the caller, in the detail the caller may see', async () => {
  await call(
    createEvent(
      '<t:Subject>Doctor</t:Subject><t:Start>2030-07-01T10:00:00Z</t:Start><t:End>2030-07-01T11:30:00Z</t:End><t:Location>Town</t:Location>',
    ),
  );
  const asked = async (type: string, as = {}) => (await call(availability(view(type), 'alice'), as)).body;
  const own = await asked('DetailedMerged');
  assert.deepEqual(
    ['FreeBusyViewType', 'StartTime', 'EndTime', 'BusyType', 'Subject', 'Location'].map(
      (name) => find(own, name)?.text,
    ),
    ['DetailedMerged', '2030-07-01T12:00:00', '2030-07-01T13:30:00', 'Busy', 'Doctor', 'Town'],
  );
  assert.equal(find(own, 'MergedFreeBusy')?.text, `${'0'.repeat(12)}22${'0'.repeat(10)}`);
  const other = await asked('DetailedMerged', bob);
  assert.deepEqual([find(other, 'FreeBusyViewType')?.text, find(other, 'Subject')], ['FreeBusyMerged', undefined]);
  assert.equal(find(await asked('MergedOnly'), 'CalendarEventArray'), undefined);
});

test('unknown people, windows that are too long or end before they begin are refused one by one', async () => {
  const reply = await call(availability(view('FreeBusy'), 'alice', 'nobody'));
  assert.deepEqual(
    findAll(reply.body, 'ResponseCode').map((one) => one.text),
    ['NoError', 'ErrorMailRecipientNotFound'],
  );
  assert.equal(find(reply.body, 'ExceptionCode')?.text, '5009');
  const code = async (from: string, until: string) =>
    find((await call(availability(view('FreeBusy', from, until), 'alice'))).body, 'ResponseCode')?.text;
  assert.equal(await code('2030-01-01T00:00:00', '2030-03-05T00:00:00'), 'ErrorTimeIntervalTooBig');
  assert.equal(await code('2030-01-02T00:00:00', '2030-01-01T00:00:00'), 'ErrorInvalidTimeInterval');
});

test('suggestions avoid what is busy', async () => {
  const options = `<t:SuggestionsViewOptions><t:MaximumResultsByDay>20</t:MaximumResultsByDay><t:MeetingDurationInMinutes>60</t:MeetingDurationInMinutes><t:MinimumSuggestionQuality>Excellent</t:MinimumSuggestionQuality><t:DetailedSuggestionsWindow>${window('2030-07-01T00:00:00', '2030-07-02T00:00:00')}</t:DetailedSuggestionsWindow></t:SuggestionsViewOptions>`;
  const reply = await call(availability(options, 'alice', 'bob'));
  assert.equal(find(reply.body, 'FreeBusyResponseArray'), undefined);
  const times = findAll(reply.body, 'MeetingTime').map((one) => one.text.slice(11, 16));
  assert.deepEqual([times[0], times.at(-1)], ['08:00', '16:00']);
  for (const taken of ['11:30', '12:00', '12:30', '13:00']) assert.ok(!times.includes(taken), taken);
});

test('an id goes into every form and comes back, occurrences among those of the service', async () => {
  const rule =
    '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2030-08-01</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
  const { id } = idOf(
    await call(createEvent(`<t:Start>2030-08-01T09:00:00Z</t:Start><t:End>2030-08-01T10:00:00Z</t:End>${rule}`)),
  );
  const convert = (to: string, from: string, one: string, mailbox = 'alice@example.test') =>
    call(
      `<m:ConvertId DestinationFormat="${to}"><m:SourceIds><t:AlternateId Format="${from}" Id="${one}" Mailbox="${mailbox}"/></m:SourceIds></m:ConvertId>`,
    );
  const there = async (to: string, from: string, one: string) =>
    find((await convert(to, from, one)).body, 'AlternateId')?.attributes.Id ?? '';
  for (const format of ['EwsLegacyId', 'EwsId', 'EntryId', 'HexEntryId', 'StoreId', 'OwaId']) {
    assert.equal(await there('EwsId', format, await there(format, 'EwsId', id)), id, format);
  }
  assert.match(await there('StoreId', 'EwsId', id), /^RgAAAA/);
  assert.match(await there('HexEntryId', 'EwsId', id), /^00000000[0-9A-F]{132}$/);
  const second = idOf(
    await call(
      `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds><t:OccurrenceItemId RecurringMasterId="${id}" InstanceIndex="2"/></m:ItemIds></m:GetItem>`,
    ),
  ).id;
  assert.equal(await there('EwsId', 'OwaId', await there('OwaId', 'EwsId', second)), second);
  assert.deepEqual(codesOf(await convert('EwsId', 'HexEntryId', 'zz')), ['ErrorInvalidIdMalformed']);
  assert.deepEqual(codesOf(await convert('EwsId', 'EwsId', id, 'nobody@example.test')), ['ErrorNonExistentMailbox']);
});

test('automatic replies are the own ones, and scheduled ones need a time', async () => {
  const get = (address: string) =>
    `<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>${address}</t:Address></t:Mailbox></m:GetUserOofSettingsRequest>`;
  const set = (duration: string) =>
    `<m:SetUserOofSettingsRequest><t:Mailbox><t:Address>alice@example.test</t:Address></t:Mailbox><t:UserOofSettings><t:OofState>Scheduled</t:OofState><t:ExternalAudience>Known</t:ExternalAudience>${duration}<t:InternalReply><t:Message>away</t:Message></t:InternalReply></t:UserOofSettings></m:SetUserOofSettingsRequest>`;
  const code = async (operation: string) => find((await call(operation)).body, 'ResponseCode')?.text;
  assert.equal(await code(get('bob@example.test')), 'ErrorAccessDenied');
  assert.equal(await code(set('')), 'ErrorInvalidUserOofSettings');
  const back = `<t:Duration>${window('2030-01-02T00:00:00', '2030-01-01T00:00:00')}</t:Duration>`;
  assert.equal(await code(set(back)), 'ErrorInvalidUserOofSettings');
  assert.equal(
    await code(set(`<t:Duration>${window('2030-01-01T00:00:00', '2030-01-09T00:00:00')}</t:Duration>`)),
    'NoError',
  );
  assert.equal(find((await call(get('alice@example.test'))).body, 'Message')?.text, 'away');
});

test('subscriptions that make no sense are refused, and push ones end at the listener', async () => {
  const subscribe = (inner: string) => `<m:Subscribe>${inner}</m:Subscribe>`;
  const types = '<t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes>';
  const folders = '<t:FolderIds><t:DistinguishedFolderId Id="inbox"/></t:FolderIds>';
  const push = (url: string) =>
    subscribe(
      `<m:PushSubscriptionRequest>${folders}${types}<t:StatusFrequency>10</t:StatusFrequency><t:URL>${url}</t:URL></m:PushSubscriptionRequest>`,
    );
  assert.deepEqual(await codes(push('nowhere')), ['ErrorInvalidPushSubscriptionUrl']);
  const made = find((await call(push('http://127.0.0.1:9/listener'))).body, 'SubscriptionId')?.text;
  const end = `<m:Unsubscribe><m:SubscriptionId>${made}</m:SubscriptionId></m:Unsubscribe>`;
  assert.deepEqual(await codes(end), ['ErrorInvalidSubscription']);
  const both = subscribe(
    `<m:PullSubscriptionRequest SubscribeToAllFolders="true">${folders}${types}<t:Timeout>10</t:Timeout></m:PullSubscriptionRequest>`,
  );
  assert.deepEqual(await codes(both), ['ErrorInvalidSubscriptionRequest']);
});

test('a name to resolve must not be empty', async () => {
  const empty = await call(
    '<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry></m:UnresolvedEntry></m:ResolveNames>',
  );
  assert.equal(faultCode(empty), 'ErrorSchemaValidation');
  assert.match(find(empty.body, 'Violation')?.text ?? '', /The actual length is less than the MinLength value\.$/);
});
