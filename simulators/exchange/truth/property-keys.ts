/** The known MAPI properties by plain names: [MS-OXPROPS] with the property sets of its section 1.3.2. */
import { named, type PropertyKey, type PropertyType, tagged } from './properties.ts';

/** Property set GUIDs under the names that EWS gives them (DistinguishedPropertySetType). */
export const propertySets = {
  Meeting: '6ed8da90-450b-101b-98da-00aa003f1305',
  Appointment: '00062002-0000-0000-c000-000000000046',
  Common: '00062008-0000-0000-c000-000000000046',
  PublicStrings: '00020329-0000-0000-c000-000000000046',
  Address: '00062004-0000-0000-c000-000000000046',
  InternetHeaders: '00020386-0000-0000-c000-000000000046',
  CalendarAssistant: '11000e07-b51b-40d6-af21-caa85edab1d0',
  UnifiedMessaging: '4442858e-a9e3-4e80-b900-317a210cc15b',
  Task: '00062003-0000-0000-c000-000000000046',
  Sharing: '00062040-0000-0000-c000-000000000046',
} as const;

const airSync = '71035549-0739-4dcb-9163-00f0580dbbdf';

const text = (tag: number): PropertyKey<string> => tagged(tag, 'String');
const time = (tag: number): PropertyKey<number> => tagged(tag, 'SystemTime');
const integer = (tag: number): PropertyKey<number> => tagged(tag, 'Integer');
const flag = (tag: number): PropertyKey<boolean> => tagged(tag, 'Boolean');
const texts = (tag: number): PropertyKey<readonly string[]> => tagged(tag, 'StringArray');
const bytes = (tag: number): PropertyKey<Uint8Array> => tagged(tag, 'Binary');

function inSet(set: string) {
  const of = <T extends string | number | boolean | Uint8Array | readonly string[] | readonly Uint8Array[]>(
    type: PropertyType,
  ) => {
    return (id: number): PropertyKey<T> => named<T>(set, id, type);
  };
  return {
    text: of<string>('String'),
    time: of<number>('SystemTime'),
    integer: of<number>('Integer'),
    double: of<number>('Double'),
    flag: of<boolean>('Boolean'),
    texts: of<readonly string[]>('StringArray'),
    bytes: of<Uint8Array>('Binary'),
    entries: of<readonly Uint8Array[]>('BinaryArray'),
  };
}

const meeting = inSet(propertySets.Meeting);
const appointment = inSet(propertySets.Appointment);
const common = inSet(propertySets.Common);
const address = inSet(propertySets.Address);
const task = inSet(propertySets.Task);

/** Properties of every kind of message. */
export const message = {
  itemClass: text(0x001a),
  importance: integer(0x0017),
  sensitivity: integer(0x0036),
  subject: text(0x0037),
  subjectPrefix: text(0x003d),
  normalizedSubject: text(0x0e1d),
  submitTime: time(0x0039),
  conversationIndex: bytes(0x0071),
  conversationTopic: text(0x0070),
  senderName: text(0x0c1a),
  senderAddress: text(0x0c1f),
  fromName: text(0x0042),
  fromAddress: text(0x0065),
  readReceiptRequested: flag(0x0029),
  deliveryReceiptRequested: flag(0x0023),
  displayBcc: text(0x0e02),
  displayCc: text(0x0e03),
  displayTo: text(0x0e04),
  deliveryTime: time(0x0e06),
  flags: integer(0x0e07),
  size: integer(0x0e08),
  parentEntryId: bytes(0x0e09),
  hasAttachments: flag(0x0e1b),
  entryId: bytes(0x0fff),
  body: text(0x1000),
  /** PidTagHtml is bytes in a store; the bytes here are always UTF-8. */
  html: bytes(0x1013),
  internetMessageId: text(0x1035),
  inReplyTo: text(0x1042),
  references: text(0x1039),
  iconIndex: integer(0x1080),
  displayName: text(0x3001),
  created: time(0x3007),
  modified: time(0x3008),
  searchKey: bytes(0x300b),
  locale: integer(0x3ff1),
  creatorName: text(0x3ff8),
  lastModifierName: text(0x3ffa),
  sourceKey: bytes(0x65e0),
  changeKey: bytes(0x65e2),
  predecessorChangeList: bytes(0x65e3),
  categories: named<readonly string[]>(propertySets.PublicStrings, 'Keywords', 'StringArray'),
  reminderMinutes: common.integer(0x8501),
  reminderTime: common.time(0x8502),
  reminderIsSet: common.flag(0x8503),
  reminderSignalTime: common.time(0x8560),
  isPrivate: common.flag(0x8506),
  commonStart: common.time(0x8516),
  commonEnd: common.time(0x8517),
  mileage: common.text(0x8534),
  billing: common.text(0x8535),
  companies: common.texts(0x8539),
  contacts: common.texts(0x853a),
  flagStatus: integer(0x1090),
  flagCompleteTime: time(0x1091),
  /** Display names, and addresses beside them, of those an answer should go to. */
  replyNames: text(0x0050),
  replyAddresses: texts(0x004f),
} as const;

/** [MS-OXOCNTC]. */
export const contact = {
  fileAs: address.text(0x8005),
  fileAsMapping: address.integer(0x8006),
  displayNamePrefix: text(0x3a45),
  givenName: text(0x3a06),
  middleName: text(0x3a44),
  surname: text(0x3a11),
  generation: text(0x3a05),
  initials: text(0x3a0a),
  nickname: text(0x3a4f),
  companyName: text(0x3a16),
  department: text(0x3a18),
  jobTitle: text(0x3a17),
  officeLocation: text(0x3a19),
  profession: text(0x3a46),
  manager: text(0x3a4e),
  assistantName: text(0x3a30),
  spouse: text(0x3a48),
  children: texts(0x3a58),
  birthday: time(0x3a42),
  weddingAnniversary: time(0x3a41),
  businessHomePage: text(0x3a51),
  personalHomePage: text(0x3a50),
  postalAddressIndex: address.integer(0x8022),
  hasPicture: address.flag(0x8015),
} as const;

/** Personal groups ([MS-OXOCNTC] 2.2.2): members as entry ids, twice. */
export const distributionList = {
  members: address.entries(0x8055),
  oneOffMembers: address.entries(0x8054),
} as const;

/** Telephone numbers by the key of the EWS dictionary (PhoneNumberKeyType). */
export const phone: Readonly<Record<string, PropertyKey<string>>> = {
  AssistantPhone: text(0x3a2e),
  BusinessFax: text(0x3a24),
  BusinessPhone: text(0x3a08),
  BusinessPhone2: text(0x3a1b),
  Callback: text(0x3a02),
  CarPhone: text(0x3a1e),
  CompanyMainPhone: text(0x3a57),
  HomeFax: text(0x3a25),
  HomePhone: text(0x3a09),
  HomePhone2: text(0x3a2f),
  Isdn: text(0x3a2d),
  MobilePhone: text(0x3a1c),
  OtherFax: text(0x3a23),
  OtherTelephone: text(0x3a1f),
  Pager: text(0x3a21),
  PrimaryPhone: text(0x3a1a),
  RadioPhone: text(0x3a1d),
  Telex: text(0x3a2c),
  TtyTddPhone: text(0x3a4b),
};

/** One postal address of a contact. */
export interface PostalKeys {
  readonly Street: PropertyKey<string>;
  readonly City: PropertyKey<string>;
  readonly State: PropertyKey<string>;
  readonly CountryOrRegion: PropertyKey<string>;
  readonly PostalCode: PropertyKey<string>;
}

/** Postal addresses by the key of the EWS dictionary (PhysicalAddressKeyType). */
export const postal: Readonly<Record<'Home' | 'Business' | 'Other', PostalKeys>> = {
  Home: {
    Street: text(0x3a5d),
    City: text(0x3a59),
    State: text(0x3a5c),
    CountryOrRegion: text(0x3a5a),
    PostalCode: text(0x3a5b),
  },
  Business: {
    Street: address.text(0x8045),
    City: address.text(0x8046),
    State: address.text(0x8047),
    CountryOrRegion: address.text(0x8049),
    PostalCode: address.text(0x8048),
  },
  Other: {
    Street: text(0x3a63),
    City: text(0x3a5f),
    State: text(0x3a62),
    CountryOrRegion: text(0x3a60),
    PostalCode: text(0x3a61),
  },
};

/** One electronic mail slot of a contact. */
export interface EmailKeys {
  readonly displayName: PropertyKey<string>;
  readonly addressType: PropertyKey<string>;
  readonly address: PropertyKey<string>;
  readonly originalDisplayName: PropertyKey<string>;
}

const emailSlot = (first: number): EmailKeys => ({
  displayName: address.text(first),
  addressType: address.text(first + 2),
  address: address.text(first + 3),
  originalDisplayName: address.text(first + 4),
});

/** The three slots, in order: EmailAddress1 … EmailAddress3. */
export const email: readonly EmailKeys[] = [emailSlot(0x8080), emailSlot(0x8090), emailSlot(0x80a0)];

/** ImAddress1 … ImAddress3. */
export const instantMessaging: readonly PropertyKey<string>[] = [
  address.text(0x8062),
  named<string>(airSync, 'AirSync:IMAddress2', 'String'),
  named<string>(airSync, 'AirSync:IMAddress3', 'String'),
];

/** [MS-OXOCAL]. */
export const event = {
  sequence: appointment.integer(0x8201),
  busyStatus: appointment.integer(0x8205),
  location: appointment.text(0x8208),
  start: appointment.time(0x820d),
  end: appointment.time(0x820e),
  durationMinutes: appointment.integer(0x8213),
  allDay: appointment.flag(0x8215),
  recurrenceBlob: appointment.bytes(0x8216),
  stateFlags: appointment.integer(0x8217),
  responseStatus: appointment.integer(0x8218),
  replyTime: appointment.time(0x8220),
  recurring: appointment.flag(0x8223),
  intendedBusyStatus: appointment.integer(0x8224),
  fInvited: appointment.flag(0x8229),
  recurrenceType: appointment.integer(0x8231),
  recurrencePattern: appointment.text(0x8232),
  zoneStruct: appointment.bytes(0x8233),
  zoneDescription: appointment.text(0x8234),
  clipStart: appointment.time(0x8235),
  clipEnd: appointment.time(0x8236),
  zoneStart: appointment.bytes(0x825e),
  zoneEnd: appointment.bytes(0x825f),
  zoneRecur: appointment.bytes(0x8260),
  notAllowPropose: appointment.flag(0x825a),
  netShowUrl: appointment.text(0x8248),
  workspaceUrl: appointment.text(0x8209),
  isOnlineMeeting: appointment.flag(0x8240),
  conferencingType: appointment.integer(0x8241),
  /** The time in words, as the organizer's client put it. */
  when: meeting.text(0x2a),
  responseRequested: flag(0x0063),
  proposedStart: appointment.time(0x8250),
  proposedEnd: appointment.time(0x8251),
  counterProposal: appointment.flag(0x8257),
  meetingType: meeting.integer(0x26),
  globalObjectId: meeting.bytes(0x3),
  isException: meeting.flag(0xa),
  cleanGlobalObjectId: meeting.bytes(0x23),
  ownerCriticalChange: meeting.time(0x1a),
} as const;

/** [MS-OXOTASK]. */
export const todo = {
  status: task.integer(0x8101),
  /** 0 to 1. */
  percentComplete: task.double(0x8102),
  teamTask: task.flag(0x8103),
  /** The date as a floating midnight; `message.commonStart` and `commonEnd` hold the writer's local midnight in UTC. */
  start: task.time(0x8104),
  due: task.time(0x8105),
  completed: task.time(0x810f),
  actualMinutes: task.integer(0x8110),
  totalMinutes: task.integer(0x8111),
  version: task.integer(0x8112),
  recurrenceBlob: task.bytes(0x8116),
  complete: task.flag(0x811c),
  owner: task.text(0x811f),
  assigner: task.text(0x8121),
  recurring: task.flag(0x8126),
  ownership: task.integer(0x8129),
  delegationState: task.integer(0x812a),
} as const;

/** Properties of folders that clients ask for through ExtendedFieldURI. */
export const folderKeys = {
  hidden: flag(0x10f4),
  containerClass: text(0x3613),
  localCommitTimeMax: time(0x670a),
  deletedCountTotal: integer(0x670b),
  contentCount: integer(0x3602),
  unreadCount: integer(0x3603),
  hasSubfolders: flag(0x360a),
} as const;

/** Streams of configuration messages ([MS-OXOCFG] 2.2.2 to 2.2.4); the dictionary here is kept as the EWS entries it came as. */
export const configuration = {
  dictionary: bytes(0x7c07),
  xml: bytes(0x7c08),
  binary: bytes(0x7c09),
} as const;
