/**
 * What this server answers otherwise than the recorded ones, on purpose: one line per difference as the comparison words it,
 * with the reason. A difference that is not here fails, and so does an entry that no longer occurs.
 */

export interface NamedDifference {
  readonly line: string;
  readonly why: string;
}

const named = (why: string, ...lines: readonly string[]): readonly NamedDifference[] =>
  lines.map((line) => ({ line, why }));

/** Exchange Online is played by the nearest server on premises. */
const onlineBuild = named('Online only: its build', 'value Header/ServerVersionInfo@Version');
const online2020Build = named('Online only: its build', 'value Header/ServerVersionInfo@MinorVersion');
const onlineEnvelope = (operation: string) =>
  named(
    'Online only: the newer envelope declares its namespaces elsewhere',
    'only simulated Header/ServerVersionInfo@xmlns',
    'only simulated Body@xmlns:xsi',
    'only simulated Body@xmlns:xsd',
    `only recorded Body/${operation}Response@xmlns:xsd`,
    `only recorded Body/${operation}Response@xmlns:xsi`,
  );
const online2016 = (operation: string) => [...onlineBuild, ...onlineEnvelope(operation)];
const online2020 = (operation: string) => [...online2020Build, ...online2016(operation)];
const onlineWebForm = (place: string) =>
  named('Online only: the address of its web pages', `value ${place}/WebClientReadFormQueryString`);
const onlineEditForm = (place: string) =>
  named('Online only: it still had addresses for editing', `only recorded ${place}/WebClientEditFormQueryString`);
const onlineDisplayNames = (place: string) =>
  named(
    'Online only: its pipeline of 2016 left out empty lists of names',
    `only simulated ${place}/DisplayCc`,
    `only simulated ${place}/DisplayTo`,
  );
const onlineEntities = (place: string) =>
  named('Online only: it looks for entities in every text', `only recorded ${place}/EntityExtractionResult`);

/** No build of 2007 is played. */
const only2007 = (operation: string) =>
  named(
    '2007 only: other prefixes, other places of namespaces, blanks in empty elements',
    'prefix soap: is s:',
    'only recorded Envelope@xmlns:soap',
    'only recorded Envelope@xmlns:xsi',
    'only recorded Envelope@xmlns:xsd',
    'only simulated Envelope@xmlns:s',
    'prefix t: is h:',
    'empty elements end with "/>"',
    'value Header/ServerVersionInfo@MajorVersion',
    'value Header/ServerVersionInfo@MinorVersion',
    'value Header/ServerVersionInfo@Version',
    'only recorded Header/ServerVersionInfo@xmlns:t',
    'only simulated Header/ServerVersionInfo@xmlns:h',
    'only simulated Header/ServerVersionInfo@xmlns',
    'only simulated Header/ServerVersionInfo@xmlns:xsi',
    'only simulated Header/ServerVersionInfo@xmlns:xsd',
    'only simulated Body@xmlns:xsi',
    'only simulated Body@xmlns:xsd',
    `only recorded Body/${operation}Response@xmlns:t`,
    `only simulated Body/${operation}Response@xmlns:t`,
  );

const user = 'Body/GetUserSettingsResponseMessage/Response/UserResponses/UserResponse';
const permission = 'Folders/Folder/PermissionSet/Permissions/Permission';

/** Differences by recording; a recording that is not here has none. */
export const recordedDifferences: Readonly<Record<string, readonly NamedDifference[]>> = {
  'autodiscover-soap-getusersettings-online15.1': [
    ...named('Online only: the name of its version', 'value Header/ServerVersionInfo/Version'),
    ...named(
      'no mailbox of an estate lives in another organisation, so the second user is unknown instead of redirected',
      `value ${user}/ErrorCode`,
      `value ${user}/ErrorMessage`,
      `only simulated ${user}/RedirectTarget@i:nil`,
      `value ${user}/RedirectTarget`,
    ),
  ],
  'createfolder-error-exists-ex2007sp1': only2007('CreateFolder'),
  'createfolder-error-nonexistentmailbox-ex2007sp1': only2007('CreateFolder'),
  'deleteitem-error-itemnotfound-online15.20': online2020('DeleteItem'),
  'fault-schemavalidation-ex2007sp1': named(
    '2007 only: its faults have a header, a bare code, and line and position of their own',
    'prolog',
    'prefix soap11: is s:',
    'only recorded Envelope@xmlns:soap11',
    'only simulated Envelope@xmlns:s',
    'only recorded Header',
    'only simulated Body/Fault/faultcode@xmlns:a',
    'value Body/Fault/faultcode',
    'only simulated Body/Fault/faultstring@xml:lang',
    'value Body/Fault/detail/Message',
    'only recorded Body/Fault/detail/Line',
    'only recorded Body/Fault/detail/Position',
    'only simulated Body/Fault/detail/MessageXml',
  ),
  'fault-schemavalidation-notwellformed-online15.20': [
    ...named('Online only: an addressing header on this fault alone', 'only recorded Header'),
    ...named(
      'the words are those of the parser, and ours is another one',
      'value Body/Fault/faultstring',
      'value Body/Fault/detail/MessageXml/Violation',
    ),
  ],
  'finditem-calendarview-default-exception-online15.1': online2016('FindItem'),
  'finditem-contact-paged-online15.1': [
    ...online2016('FindItem'),
    ...onlineDisplayNames('RootFolder/Items/Contact'),
    ...onlineWebForm('RootFolder/Items/Contact'),
    ...onlineEditForm('RootFolder/Items/Contact'),
  ],
  'getfolder-allproperties-ex2007sp1': [
    ...only2007('GetFolder'),
    ...named('2007 only: no entry for Anonymous', `only simulated ${permission}/UserId/DistinguishedUser`),
    ...named(
      'the recorded folder was shared with a colleague; mailboxes here share nothing',
      `value ${permission}/IsFolderVisible`,
      `only recorded ${permission}/UserId/SID`,
      `only recorded ${permission}/UserId/PrimarySmtpAddress`,
      `only recorded ${permission}/UserId/DisplayName`,
      `value ${permission}/ReadItems`,
      `value ${permission}/PermissionLevel`,
    ),
  ],
  'getitem-calendar-occurrence-additional-ex2010sp1': named(
    'no build of 2010 SP1 is played',
    'value Header/ServerVersionInfo@MinorVersion',
    'value Header/ServerVersionInfo@Version',
  ),
  'getitem-contact-allproperties-online15.20': [
    ...online2020('GetItem'),
    ...onlineWebForm('Items/Contact'),
    ...named(
      'Online only: what it knows of the owner of a contact',
      'only recorded Items/Contact/AccountName',
      'only recorded Items/Contact/ObjectId',
      'only recorded Items/Contact/SourceId',
    ),
  ],
  'getitem-meetingresponse-allproperties-online15.1': [
    ...onlineBuild,
    ...onlineWebForm('Items/MeetingResponse'),
    ...onlineEntities('Items/MeetingResponse'),
    ...named(
      'no mail is transported, so there are no headers of transport',
      'only recorded Items/MeetingResponse/InternetMessageHeaders',
    ),
    ...named(
      'reminders are on appointments, not on the messages about them',
      'only recorded Items/MeetingResponse/ReminderDueBy',
      'only recorded Items/MeetingResponse/ReminderNextTime',
    ),
  ],
  'getitem-message-allproperties-online15.20': [
    ...online2020('GetItem'),
    ...onlineWebForm('Items/Message'),
    ...named(
      'Online only: since 2025 every message says that it has no reminder',
      'only recorded Items/Message/ReminderIsSet',
      'only recorded Items/Message/ReminderMinutesBeforeStart',
    ),
  ],
  'getitem-task-allproperties-online15.1': [
    ...onlineBuild,
    ...onlineDisplayNames('Items/Task'),
    ...onlineWebForm('Items/Task'),
    ...onlineEditForm('Items/Task'),
    ...onlineEntities('Items/Task'),
  ],
  'getservertimezones-nodata-online15.20': online2020('GetServerTimeZones'),
  'moveitem-message-online15.20': online2020('MoveItem'),
  'push-sendnotification-modified-online15.20': named(
    'Online only: its subscriptions name a second GUID',
    'value Notification/SubscriptionId',
  ),
  'syncfolderitems-create-allproperties-online15.20': [
    ...online2020('SyncFolderItems'),
    ...onlineWebForm('Changes/Create/CalendarItem'),
  ],
  'updateitem-message-isread-online15.20': online2020('UpdateItem'),
  'wire-getstreamingevents-first-ex2013': named('another update of 2013', 'value Header/ServerVersionInfo@Version'),
};
