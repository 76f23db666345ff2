/** Two values for every property that can be written, by kind of item, and whether an update may delete it. */

export interface FieldCase {
  readonly uri: string;
  /** Contents of the element, first and second. */
  readonly values: readonly [string, string];
  /** False for what every item has: DeleteItemField is refused. */
  readonly isDeletable: boolean;
  /** Oldest request version that knows it; the oldest of all when absent. */
  readonly since?: 'Exchange2013';
}

type Values = readonly [string, string];

const text: Values = ['One &amp; &lt;two', 'Zwei'];
const list: Values = ['<t:String>a</t:String><t:String>b</t:String>', '<t:String>c</t:String>'];
const flags: Values = ['true', 'false'];
const counts: Values = ['90', '120'];
const times: Values = ['2030-05-06T07:08:09Z', '2031-01-02T03:04:05Z'];
const dates: Values = ['2030-05-06T00:00:00Z', '2031-01-02T00:00:00Z'];
const person = (address: string) =>
  `<t:Mailbox><t:Name>N ${address}</t:Name><t:EmailAddress>${address}@example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox>`;
const mailboxes: Values = [person('bob'), person('zed')];
const attendees: Values = [`<t:Attendee>${person('bob')}</t:Attendee>`, `<t:Attendee>${person('zed')}</t:Attendee>`];

const kept = (values: Values, ...uris: readonly string[]): readonly FieldCase[] =>
  uris.map((uri) => ({ uri, values, isDeletable: false }));
const free = (values: Values, ...uris: readonly string[]): readonly FieldCase[] =>
  uris.map((uri) => ({ uri, values, isDeletable: true }));
const since2013 = (cases: readonly FieldCase[]) => cases.map((one) => ({ ...one, since: 'Exchange2013' as const }));

const base: readonly FieldCase[] = [
  ...kept(['Private', 'Personal'], 'item:Sensitivity'),
  ...kept(['High', 'Low'], 'item:Importance'),
  ...kept(['de-DE', 'fr-FR'], 'item:Culture'),
  ...free(list, 'item:Categories'),
  ...free(text, 'item:Subject', 'item:InReplyTo'),
];

export const fieldCases: Readonly<Record<'Contact' | 'CalendarItem' | 'Task' | 'Message', readonly FieldCase[]>> = {
  Contact: [
    ...base,
    ...free(
      text,
      ...['FileAs', 'DisplayName', 'GivenName', 'Initials', 'MiddleName', 'Nickname', 'CompanyName', 'AssistantName'],
      ...['BusinessHomePage', 'Department', 'Generation', 'JobTitle', 'Manager', 'Mileage', 'OfficeLocation'],
      ...['Profession', 'SpouseName', 'Surname'],
    ).map((one) => (one.uri.includes(':') ? one : { ...one, uri: `contacts:${one.uri}` })),
    ...free(times, 'contacts:Birthday', 'contacts:WeddingAnniversary'),
    ...free(list, 'contacts:Children', 'contacts:Companies'),
    ...kept(['Home', 'Other'], 'contacts:PostalAddressIndex'),
    ...free(['LastCommaFirst', 'Company'], 'contacts:FileAsMapping'),
  ],
  CalendarItem: [
    ...base,
    ...kept(['Tentative', 'OOF'], 'calendar:LegacyFreeBusyStatus'),
    ...kept(['false', 'true'], 'calendar:IsResponseRequested', 'calendar:AllowNewTimeProposal'),
    ...kept(['1', '2'], 'calendar:ConferenceType'),
    ...kept(flags, 'calendar:IsOnlineMeeting'),
    ...kept(['false', 'true'], 'item:ReminderIsSet'),
    ...kept(counts, 'item:ReminderMinutesBeforeStart'),
    ...free(text, 'calendar:Location', 'calendar:When', 'calendar:MeetingWorkspaceUrl', 'calendar:NetShowUrl'),
    ...free(attendees, 'calendar:RequiredAttendees', 'calendar:OptionalAttendees', 'calendar:Resources'),
    ...since2013(
      free(
        [
          '<t:DisplayName>Hall</t:DisplayName><t:PostalAddress><t:City>Ulm</t:City></t:PostalAddress>',
          '<t:DisplayName>Yard</t:DisplayName>',
        ],
        'calendar:EnhancedLocation',
      ),
    ),
  ],
  Task: [
    ...base,
    ...free(counts, 'task:ActualWork', 'task:TotalWork'),
    ...free(text, 'task:BillingInformation', 'task:Mileage'),
    ...free(list, 'task:Companies', 'task:Contacts'),
    ...free(dates, 'task:StartDate', 'task:DueDate'),
    ...kept(['25', '50'], 'task:PercentComplete'),
    ...kept(['InProgress', 'Deferred'], 'task:Status'),
    ...kept(['2030-05-06T07:00:00Z', '2030-05-07T07:00:00Z'], 'item:ReminderDueBy'),
  ],
  Message: [
    ...base,
    ...free(mailboxes, 'message:ToRecipients', 'message:CcRecipients', 'message:BccRecipients', 'message:ReplyTo'),
    ...free(mailboxes, 'message:From'),
    ...free(text, 'message:References'),
    ...free(flags, 'message:IsReadReceiptRequested', 'message:IsDeliveryReceiptRequested'),
    ...since2013(
      kept(
        [
          '<t:FlagStatus>Flagged</t:FlagStatus><t:StartDate>2030-05-06T00:00:00Z</t:StartDate><t:DueDate>2030-05-07T00:00:00Z</t:DueDate>',
          '<t:FlagStatus>Complete</t:FlagStatus><t:CompleteDate>2030-05-06T00:00:00Z</t:CompleteDate>',
        ],
        'item:Flag',
      ),
    ),
  ],
};
