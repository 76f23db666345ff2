/**
 * The forms of values that no two servers have in common: ids, keys, times, sizes, names. Two values agree when the form
 * their element or attribute must have gives the same name for both; every other value must be the same to the letter.
 */

/** Names the form of a value; undefined when it has none of those allowed. */
export type ValueForm = (value: string) => string | undefined;

/** The form for a place, by `Parent/Element` or `Element@Attribute`, then by `Element` or `@Attribute`; none means literal. */
export function formFor(parent: string, name: string): ValueForm | undefined {
  return forms[`${parent}${name.startsWith('@') ? '' : '/'}${name}`] ?? forms[name];
}

const matching =
  (...alternatives: readonly (readonly [name: string, form: RegExp])[]): ValueForm =>
  (value) =>
    alternatives.find(([, form]) => form.test(value))?.[0];

/** For identifiers that are the same on every server. */
const literal: ValueForm = (value) => value;
const text = matching(['text', /\S/]);
const number = matching(['number', /^\d+$/]);
const dateTime = matching(
  ['time in UTC', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
  ['time with offset', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/],
);
const date = matching(['date in UTC', /^\d{4}-\d\d-\d\dZ$/], ['date with offset', /^\d{4}-\d\d-\d\d[+-]\d\d:\d\d$/]);
const duration = matching(['duration', /^P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/]);
const address = matching(
  [
    'legacy DN',
    /^\/O=[A-Z0-9]+\/OU=EXCHANGE ADMINISTRATIVE GROUP \(FYDIBOHF23SPDLT\)\/CN=RECIPIENTS\/CN=[0-9A-F]{32}-[A-Z0-9.]+$/,
  ],
  ['address', /^[\w.+-]+@[\w.-]+$/],
);
const guid = matching(['GUID', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/]);
const property: ValueForm = (value) =>
  dateTime(value) ?? number(value) ?? (/^(?:true|false)$/.test(value) ? value : undefined);

/** Entry ids behind the 40 bytes of flag, length and mailbox GUID, in hexadecimal, by what they name. */
const provider = '[0-9a-f]{32}';
const counter = '[0-9a-f]{12}0000';
const entries: readonly (readonly [string, RegExp])[] = [
  ['folder id', new RegExp(`^002e0000000000${provider}0100[0-9a-f]{32}${counter}$`)],
  ['item id', new RegExp(`^00460000000000${provider}0700([0-9a-f]{32})${counter}\\1${counter}$`)],
  // The samples have invented bytes all through the 70 of the master's entry.
  ['occurrence id', /^01510008[0-9a-f]{16}46[0-9a-f]{140}10$/],
];

/**
 * Kind of an id by its structure; a compressed one by its length, since invented samples do not obey the rule of compression
 * (`ids.test.ts` proves the rule itself).
 */
const id: ValueForm = (value) => {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) return undefined;
  if (bytes[0] === 1) return compressedId(value.length);
  const hex = bytes.toString('hex');
  const mailbox = bytes.toString('latin1', 4, 40);
  if (guid(mailbox) === undefined) return undefined;
  if (/^00042400/.test(hex)) return /^001000[0-9a-f]{32}$/.test(hex.slice(80)) ? 'conversation id' : undefined;
  return /^00032400/.test(hex) ? entries.find(([, form]) => form.test(hex.slice(80)))?.[0] : undefined;
};

function compressedId(length: number): string | undefined {
  if (length === 116 || length === 120) return 'folder id';
  return length === 148 || length === 152 ? 'item id' : undefined;
}

/** A key by its type number; the short one, which is nothing but the type, is another form. */
const changeKey: ValueForm = (value) => {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value || bytes.length < 4) return undefined;
  const type = bytes.readUInt32LE();
  if (bytes.length === 4) return `short key ${type}`;
  const length = bytes.readUInt32LE(4);
  const isWhole = (length === 0x16 || length === 0x14) && bytes.length === 8 + length;
  return isWhole ? `key ${type}` : undefined;
};

/** Host that owns the subscription, a GUID, the time it was made; later builds add another GUID. */
const subscription: ValueForm = (value) => {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value || bytes.length < 2) return undefined;
  const host = bytes.readUInt16LE();
  const rest = bytes.subarray(2 + host);
  if (!/^[\w.-]+$/.test(bytes.toString('latin1', 2, 2 + host)) || rest.length < 28 || rest.readUInt32LE() !== 16)
    return undefined;
  if (rest.length === 28) return 'subscription id';
  return rest.length === 48 && rest.readUInt32LE(28) === 16 ? 'subscription id with two GUIDs' : undefined;
};

const watermark: ValueForm = (value) => {
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value && bytes.length === 29 && bytes.readUInt32LE() === 1
    ? 'watermark'
    : undefined;
};

/** Host and id of a web form do not matter, its parameters do. */
const webForm: ValueForm = (value) => value.replace(/^https?:\/\/[^/]+/, 'host').replace(/(id=)[^&]+/i, '$1…');

const forms: Readonly<Record<string, ValueForm | undefined>> = {
  '@Id': id,
  '@ChangeKey': changeKey,
  'Period@Id': literal,
  'TransitionsGroup@Id': literal,
  'StartTimeZone@Id': literal,
  'EndTimeZone@Id': literal,
  'TimeZoneDefinition@Id': literal,
  Subject: text,
  DisplayName: text,
  'Mailbox/Name': text,
  EmailAddress: address,
  PrimarySmtpAddress: address,
  'EmailAddresses/Entry': address,
  'PhoneNumbers/Entry': text,
  'Entry@Name': text,
  SID: matching(['SID', /^S-1-5-21(?:-\d+){4}$/]),
  Body: matching(['text', /\S/]),
  DateTimeReceived: dateTime,
  DateTimeSent: dateTime,
  DateTimeCreated: dateTime,
  LastModifiedTime: dateTime,
  LastModifiedName: text,
  ReminderDueBy: dateTime,
  ReminderNextTime: dateTime,
  DateTimeStamp: dateTime,
  RecurrenceId: dateTime,
  Start: dateTime,
  End: dateTime,
  OriginalStart: dateTime,
  DueDate: dateTime,
  StartDate: dateTime,
  'NumberedRecurrence/StartDate': date,
  'EndDateRecurrence/StartDate': date,
  EndDate: date,
  TimeStamp: dateTime,
  Size: number,
  Duration: duration,
  TimeZone: text,
  DisplayTo: text,
  Location: text,
  'Categories/String': text,
  'Companies/String': text,
  WebClientReadFormQueryString: webForm,
  WebClientEditFormQueryString: webForm,
  UID: matching(['UID', /^040000008200E00074C5B7101A82E00800000000[0-9A-F]{16}000000000000000010000000[0-9A-F]{32}$/]),
  InstanceKey: matching(['key', /^[A-Za-z0-9+/]+=*$/]),
  ConversationIndex: matching(['index', /^A[A-Za-z0-9+/]{29}(?:==|[A-Za-z0-9+/]{2})/]),
  ConversationTopic: text,
  InternetMessageId: matching(['message id', /^&lt;[^@\s]+@[^@\s]+&gt;$/]),
  InternetMessageHeader: text,
  GivenName: text,
  Surname: text,
  FirstName: text,
  LastName: text,
  FullName: text,
  CompanyName: text,
  Department: text,
  JobTitle: text,
  Street: text,
  City: text,
  State: text,
  CountryOrRegion: text,
  PostalCode: text,
  Owner: text,
  BillingInformation: text,
  Mileage: text,
  'ExtendedProperty/Value': property,
  'MessageXml/Value': (value) => guid(value) ?? number(value) ?? address(value),
  SyncState: matching(['state', /^H4sI[A-Za-z0-9+/]{396,660}=*$/]),
  SubscriptionId: subscription,
  Watermark: watermark,
  PreviousWatermark: watermark,
  '@MinorBuildNumber': number,
  '@MajorBuildNumber': number,
  LineNumber: number,
  LinePosition: number,
  Line: number,
  Position: number,
  TotalCount: number,
  MajorBuildNumber: number,
  MinorBuildNumber: number,
  'UserSetting/Value': text,
};
