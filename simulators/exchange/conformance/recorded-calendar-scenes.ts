/** Recordings of appointments, series and meetings. */
import { find } from './client.ts';
import { attendee, bob, paths, type RecordedScene, type Stage, single, weekly } from './recorded-stage.ts';
import {
  calendarView,
  createEvent,
  deleteItem,
  findItems,
  getItem,
  getItems,
  idOf,
  setField,
  syncItems,
  update,
} from './world.ts';

const april: readonly [string, string] = ['2031-04-01T00:00:00Z', '2031-05-01T00:00:00Z'];
const named = (more = '') => single(`<t:Location>Room 1</t:Location>${more}`);
const occurrence = (master: string, index: number) =>
  `<t:OccurrenceItemId RecurringMasterId="${master}" InstanceIndex="${index}"/>`;

const europe = '<t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="W. Europe Standard Time"/>';
const reminderProperties =
  '<t:ExtendedFieldURI DistinguishedPropertySetId="Common" PropertyId="34144" PropertyType="SystemTime"/><t:ExtendedFieldURI DistinguishedPropertySetId="Common" PropertyId="34051" PropertyType="Boolean"/><t:ExtendedFieldURI DistinguishedPropertySetId="Common" PropertyId="34049" PropertyType="Integer"/>';

/** What one client asks for by name: nearly everything, in an order of its own. */
const listed = (...more: readonly string[]) =>
  paths(
    ...['Subject', 'ItemClass', 'ParentFolderId', 'Sensitivity', 'Body', 'DateTimeReceived', 'Size', 'Categories'].map(
      (one) => `item:${one}`,
    ),
    ...['Importance', 'IsSubmitted', 'IsDraft', 'IsFromMe', 'IsResend', 'IsUnmodified'].map((one) => `item:${one}`),
    ...['DateTimeSent', 'DateTimeCreated', 'ResponseObjects', 'ReminderDueBy', 'ReminderIsSet'].map(
      (one) => `item:${one}`,
    ),
    ...['ReminderMinutesBeforeStart', 'HasAttachments'].map((one) => `item:${one}`),
    ...['UID', 'RecurrenceId', 'Start', 'End', 'OriginalStart', 'IsAllDayEvent', 'LegacyFreeBusyStatus'].map(
      (one) => `calendar:${one}`,
    ),
    ...['Location', 'IsMeeting', 'IsCancelled', 'IsRecurring', 'MeetingRequestWasSent'].map((one) => `calendar:${one}`),
    ...['IsResponseRequested', 'CalendarItemType', 'MyResponseType', 'Organizer', 'Duration', 'TimeZone'].map(
      (one) => `calendar:${one}`,
    ),
    ...['Recurrence', 'StartTimeZone', 'EndTimeZone'].map((one) => `calendar:${one}`),
    ...more,
  ) + reminderProperties;

/** An appointment that is a meeting without anybody else: its only attendee was taken off again. */
async function meetingAlone(stage: Stage, content: string, header = ''): Promise<string> {
  const version = 'Exchange2010_SP1';
  const { id } = idOf(await stage.call(createEvent(content), { version, header }));
  return id;
}

async function master({ call }: Stage): Promise<string> {
  return idOf(await call(createEvent(named(weekly)))).id;
}

export const calendarScenes: readonly RecordedScene[] = [
  {
    sample: 'createitem-calendar-ex2019',
    profile: '2019',
    play: ({ text }) => text(createEvent(single())),
  },
  {
    sample: 'finditem-calendar-default-ex2010sp3',
    profile: '2010sp3',
    async play({ call, text }) {
      await call(createEvent(single()));
      return text(findItems('', 'calendar').replace('IdOnly', 'Default'));
    },
  },
  {
    sample: 'finditem-calendarview-allproperties-ex2019',
    profile: '2019',
    async play({ call, text }) {
      await call(createEvent(named().replaceAll('2031-04-02', '2031-04-01')));
      await call(createEvent(named(weekly.replace('>4<', '>1<'))));
      const eastern = '<t:StartTimeZone Id="Eastern Standard Time"/><t:EndTimeZone Id="Eastern Standard Time"/>';
      const allDay = await call(
        createEvent(
          `<t:Subject>Sample subject</t:Subject><t:Start>2031-04-05T00:00:00</t:Start><t:End>2031-04-06T00:00:00</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent><t:Location/>${eastern}<t:AllowNewTimeProposal>true</t:AllowNewTimeProposal>`,
        ),
      );
      const silent = setField('item:ReminderIsSet', 'CalendarItem', '<t:ReminderIsSet>false</t:ReminderIsSet>');
      await call(update(`<t:ItemId ${idOf(allDay).both}/>`, silent));
      return text(calendarView(...april).replace('Default', 'AllProperties'));
    },
  },
  {
    sample: 'finditem-calendarview-default-exception-online15.1',
    profile: '2016',
    async play(stage) {
      const id = await master(stage);
      for (const index of [3, 4]) await stage.call(deleteItem(occurrence(id, index)));
      const subject = setField('item:Subject', 'CalendarItem', '<t:Subject>Other</t:Subject>');
      await stage.call(update(occurrence(id, 1), subject));
      await stage.call(createEvent(single().replaceAll('T1', 'T2').replaceAll('2031-04-02', '2031-04-03')));
      const shape = `<t:BaseShape>Default</t:BaseShape><t:AdditionalProperties>${paths('item:Sensitivity')}</t:AdditionalProperties>`;
      return stage.text(calendarView(...april).replace('<t:BaseShape>Default</t:BaseShape>', shape));
    },
  },
  {
    sample: 'getitem-calendar-master-additional-tzcontext-ex2010sp3',
    profile: '2010sp3',
    async play(stage) {
      const header = '<t:TimeZoneContext><t:TimeZoneDefinition Id="W. Europe Standard Time"/></t:TimeZoneContext>';
      const daily =
        '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2031-05-19</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
      const content = `<t:Subject>Sample subject</t:Subject><t:Start>2031-05-19T18:00:00</t:Start><t:End>2031-05-19T19:00:00</t:End><t:Location/>${attendee('carol@example.test')}${daily}${europe}`;
      const id = await meetingAlone(stage, content, header);
      return stage.text(getItem(id, 'IdOnly', listed('item:EffectiveRights')), { version: 'Exchange2010_SP1', header });
    },
  },
  {
    sample: 'getitem-calendar-master-allproperties-ex2019',
    profile: '2019',
    play: async (stage) => stage.text(getItem(await master(stage))),
  },
  {
    sample: 'getitem-calendar-occurrence-additional-ex2010sp1',
    profile: '2010sp2',
    async play(stage) {
      const zones = '<t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="UTC"/>';
      const content = `<t:Subject>Sample subject</t:Subject><t:Categories><t:String>Sample value</t:String></t:Categories><t:ReminderIsSet>false</t:ReminderIsSet><t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="Common" PropertyId="34144" PropertyType="SystemTime"/><t:Value>4500-12-31T23:00:00Z</t:Value></t:ExtendedProperty><t:Start>2031-04-02T00:00:00</t:Start><t:End>2031-04-02T22:00:00</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent><t:Location/>${attendee('carol@example.test')}${weekly}${zones}`;
      const id = await meetingAlone(stage, content);
      return stage.text(getItems(occurrence(id, 2), 'IdOnly', listed()), { version: 'Exchange2010_SP1' });
    },
  },
  {
    sample: 'getitem-calendar-single-allproperties-ex2010sp3',
    profile: '2010sp3',
    async play({ call, text }) {
      await call(createEvent(single('<t:Location/>')));
      return text(getItem(idOf(await call(createEvent(single()))).id));
    },
  },
  {
    sample: 'getitem-meetingresponse-allproperties-online15.1',
    profile: '2016',
    async play({ call, text }) {
      const version = 'Exchange2013';
      const invitation = createEvent(single(`<t:Location>Room 1</t:Location>${attendee('bob@example.test')}`));
      await call(invitation.replace('SendToNone', 'SendToAllAndSaveCopy'));
      const request = idOf(await call(findItems('', 'inbox'), bob));
      await call(
        `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:TentativelyAcceptItem><t:Body BodyType="HTML">Sample body</t:Body><t:ReferenceItemId ${request.both}/></t:TentativelyAcceptItem></m:Items></m:CreateItem>`,
        bob,
      );
      const { id } = idOf(await call(findItems('', 'inbox')));
      return text(getItem(id), { version });
    },
  },
  {
    sample: 'syncfolderitems-create-allproperties-online15.20',
    profile: 'se',
    async play({ call, text }) {
      await call(createEvent(single()));
      return text(syncItems('', 512, 'calendar').replace('IdOnly', 'AllProperties'));
    },
  },
  {
    sample: 'syncfolderitems-create-idonly-ex2010sp3',
    profile: '2010sp3',
    async play({ call, text }) {
      await call(createEvent(single()));
      return text(syncItems('', 512, 'calendar'));
    },
  },
  {
    sample: 'syncfolderitems-nochange-ex2010sp3',
    profile: '2010sp3',
    async play({ call, text }) {
      await call(createEvent(single()));
      const first = await call(syncItems('', 512, 'calendar'));
      return text(syncItems(find(first.body, 'SyncState')?.text ?? '', 512, 'calendar'));
    },
  },
];
