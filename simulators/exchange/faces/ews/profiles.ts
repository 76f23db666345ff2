/**
 * What differs between server builds, as data: the version they name, the form of the envelope, the headers and cookies
 * they send, which elements they return, and their limits. One record per build; nothing else in the face asks for a build.
 */

/** Values of RequestServerVersion in ascending order; a request's rank is its index here. */
export const requestVersions = [
  'Exchange2007',
  'Exchange2007_SP1',
  'Exchange2009',
  'Exchange2010',
  'Exchange2010_SP1',
  'Exchange2010_SP2',
  'Exchange2012',
  'Exchange2013',
  'Exchange2013_SP1',
  'Exchange2015',
  'Exchange2016',
  'V2015_10_05',
  'V2016_01_06',
  'V2016_04_13',
  'V2016_07_13',
  'V2016_10_10',
  'V2017_01_07',
  'V2017_04_14',
  'V2017_07_11',
] as const;

export type RequestVersion = (typeof requestVersions)[number];

/** Rank of a version, for "at least" comparisons. */
export function rankOf(version: RequestVersion): number {
  return requestVersions.indexOf(version);
}

export interface Profile {
  readonly id: ProfileId;
  readonly product: string;
  /** Major, minor, major build, minor build. */
  readonly build: readonly [number, number, number, number];
  /** ServerVersionInfo/@Version. */
  readonly version: string;
  /** The newest RequestServerVersion it accepts. */
  readonly newest: RequestVersion;
  /** Folder of XSD files that requests are checked against. */
  readonly schema: 'exchange2010-sp2' | 'exchange2013-sp1' | 'exchange-se-15.2.2562';
  /** Namespace declarations of the header and the body, in the order the build writes them. */
  readonly headerNamespaces: 'xsi xsd' | 'xsd xsi';
  readonly server: string;
  readonly aspNetVersion: string;
  /** X-FEServer, X-CalculatedBETarget, X-DiagInfo, X-BEServer, request-id and X-BackEndCookie (2013 and later). */
  readonly hasFrontEnd: boolean;
  readonly hasClientIdCookie: boolean;
  readonly formQueryString: 'relative' | 'relativeViewModel' | 'absolute';
  readonly returnsEditFormQueryString: boolean;
  /** ConflictingMeetingCount and its companions in AllProperties. */
  readonly returnsMeetingConflicts: boolean;
  readonly returnsIsOnlineMeeting: boolean;
  /** CalendarFolder and ContactsFolder carry TotalCount in the Default shape. */
  readonly countsInCalendarFolderDefault: boolean;
  /** FindItem names the organizer by legacy DN (true) or by name alone (false). */
  readonly findItemOrganizerAddress: boolean;
  /** DeleteItem of a missing item appends a second sentence. */
  readonly longItemNotFoundOnDelete: boolean;
  /** Rows per FindItem answer without and with a restriction. */
  readonly findRowsMax: number;
  readonly findRestrictedRowsMax: number;
  /** SyncFolderItems lists the newest changes first. */
  readonly syncNewestFirst: boolean;
}

export type ProfileId = '2007sp3' | '2010sp2' | '2010sp3' | '2013' | '2016' | '2019' | 'se';

const exchange2010 = {
  version: 'Exchange2010_SP2',
  newest: 'Exchange2010_SP2',
  schema: 'exchange2010-sp2',
  headerNamespaces: 'xsi xsd',
  server: 'Microsoft-IIS/7.5',
  aspNetVersion: '2.0.50727',
  hasFrontEnd: false,
  hasClientIdCookie: false,
  formQueryString: 'relative',
  returnsEditFormQueryString: true,
  returnsMeetingConflicts: true,
  returnsIsOnlineMeeting: false,
  countsInCalendarFolderDefault: false,
  findItemOrganizerAddress: false,
  longItemNotFoundOnDelete: false,
  findRowsMax: 1000,
  findRestrictedRowsMax: 1000,
  syncNewestFirst: true,
} as const;

const exchange2016 = {
  version: 'V2017_07_11',
  newest: 'V2017_07_11',
  schema: 'exchange-se-15.2.2562',
  headerNamespaces: 'xsd xsi',
  server: 'Microsoft-IIS/10.0',
  aspNetVersion: '4.0.30319',
  hasFrontEnd: true,
  hasClientIdCookie: false,
  formQueryString: 'absolute',
  returnsEditFormQueryString: false,
  returnsMeetingConflicts: false,
  returnsIsOnlineMeeting: true,
  countsInCalendarFolderDefault: true,
  findItemOrganizerAddress: true,
  longItemNotFoundOnDelete: true,
  findRowsMax: 1000,
  findRestrictedRowsMax: 250,
  syncNewestFirst: true,
} as const;

/** All builds that can be played. */
export const profiles: Readonly<Record<ProfileId, Profile>> = {
  '2007sp3': {
    ...exchange2010,
    id: '2007sp3',
    product: 'Exchange Server 2007 SP3',
    build: [8, 3, 83, 6],
    version: 'Exchange2007_SP1',
    newest: 'Exchange2007_SP1',
    server: 'Microsoft-IIS/7.0',
  },
  '2010sp2': { ...exchange2010, id: '2010sp2', product: 'Exchange Server 2010 SP2', build: [14, 2, 390, 3] },
  '2010sp3': { ...exchange2010, id: '2010sp3', product: 'Exchange Server 2010 SP3', build: [14, 3, 195, 1] },
  '2013': {
    ...exchange2016,
    id: '2013',
    product: 'Exchange Server 2013 CU23',
    build: [15, 0, 1497, 2],
    version: 'V2_23',
    newest: 'Exchange2013_SP1',
    schema: 'exchange2013-sp1',
    server: 'Microsoft-IIS/8.5',
    hasClientIdCookie: true,
    formQueryString: 'relativeViewModel',
    returnsEditFormQueryString: true,
    longItemNotFoundOnDelete: false,
  },
  '2016': { ...exchange2016, id: '2016', product: 'Exchange Server 2016 CU23', build: [15, 1, 2507, 6] },
  '2019': { ...exchange2016, id: '2019', product: 'Exchange Server 2019 CU15', build: [15, 2, 1748, 10] },
  se: { ...exchange2016, id: 'se', product: 'Exchange Server SE', build: [15, 2, 2562, 17] },
};
