/**
 * The canonical items: what crosses between the CRM and the mailbox. A subset of JSContact (RFC 9553) and JSCalendar
 * (RFC 8984), flattened so that **every top-level key except `kind` is one field group**: the unit in which changes are
 * detected, merged and reported (`groups.ts` says how each is merged).
 *
 * Absent means "has no value". There are no nulls and no empty strings in a normalised item (`normalise.ts`). All values
 * are plain JSON, so an item can be stored, sent to another process and compared as it is.
 */
import type { RecurrenceRule, TaskRecurrence } from './recurrence.ts';

export type Kind = 'contact' | 'event' | 'task';

export const kinds: readonly Kind[] = ['contact', 'event', 'task'];

/** `YYYY-MM-DD`, a calendar date without zone. */
export type PlainDate = string;

/** `YYYY-MM-DDThh:mm:ss`, a wall-clock time; the zone stands beside it. */
export type LocalDateTime = string;

/** `YYYY-MM-DDThh:mm:ssZ`, an instant in UTC, whole seconds. */
export type Instant = string;

/** An IANA time-zone id, e.g. `Europe/Berlin`; UTC is `Etc/UTC`. */
export type ZoneId = string;

export type Item = Contact | CalendarEvent | Task;

/** Plain text with `\n` line ends. `html` is present only where a side keeps formatting; `text` always says the same. */
export interface Body {
  readonly text: string;
  readonly html?: string;
}

/** Absent means normal. MS-OXCMSG PidTagSensitivity. */
export type Sensitivity = 'personal' | 'private' | 'confidential';

/** Absent means normal. MS-OXCMSG PidTagImportance. */
export type Importance = 'low' | 'high';

export interface PersonName {
  readonly prefix?: string;
  readonly given?: string;
  readonly middle?: string;
  readonly surname?: string;
  readonly suffix?: string;
  readonly nickname?: string;
}

export interface Organization {
  readonly company?: string;
  readonly department?: string;
  readonly jobTitle?: string;
  readonly office?: string;
  readonly profession?: string;
}

export interface PostalAddress {
  /** May hold several lines, separated by `\n`. */
  readonly street?: string;
  readonly city?: string;
  readonly region?: string;
  readonly postcode?: string;
  readonly country?: string;
}

export const addressSlots = ['business', 'home', 'other'] as const;
export type AddressSlot = (typeof addressSlots)[number];

/** Exchange keeps at most three addresses per contact (EWS `contacts:EmailAddress`, EmailAddress1..3). */
export const emailSlots = ['1', '2', '3'] as const;
export type EmailSlot = (typeof emailSlots)[number];

/** The telephone numbers an Exchange contact can hold (EWS PhoneNumberKeyType, schema Exchange2010). */
export const phoneSlots = [
  'assistant',
  'business',
  'business2',
  'businessFax',
  'callback',
  'car',
  'company',
  'home',
  'home2',
  'homeFax',
  'isdn',
  'mobile',
  'other',
  'otherFax',
  'pager',
  'primary',
  'radio',
  'telex',
  'tty',
] as const;
export type PhoneSlot = (typeof phoneSlots)[number];

/** The people around a contact. */
export interface Relations {
  readonly manager?: string;
  readonly assistant?: string;
  readonly spouse?: string;
  readonly children?: readonly string[];
}

export interface Contact {
  readonly kind: 'contact';
  readonly name?: PersonName;
  readonly organization?: Organization;
  readonly emails?: { readonly [slot in EmailSlot]?: string };
  readonly phones?: { readonly [slot in PhoneSlot]?: string };
  readonly addresses?: { readonly [slot in AddressSlot]?: PostalAddress };
  readonly mailingAddress?: AddressSlot;
  readonly ims?: { readonly [slot in EmailSlot]?: string };
  readonly webPage?: string;
  readonly birthday?: PlainDate;
  readonly anniversary?: PlainDate;
  readonly relations?: Relations;
  readonly categories?: readonly string[];
  readonly sensitivity?: Sensitivity;
  readonly body?: Body;
}

/**
 * Start and end of an event. Timed: `start` and `end` are wall-clock times of `zone`. All-day: both are midnights, `end`
 * is exclusive, and `zone` is absent because the dates float.
 */
export interface When {
  readonly start: LocalDateTime;
  readonly end: LocalDateTime;
  readonly allDay: boolean;
  readonly zone?: ZoneId;
}

export type ShowAs = 'free' | 'tentative' | 'busy' | 'outOfOffice' | 'workingElsewhere';

export type AttendeeRole = 'required' | 'optional' | 'resource';

export type ResponseStatus = 'accepted' | 'tentative' | 'declined';

export interface Attendee {
  readonly name?: string;
  readonly role: AttendeeRole;
}

/** What only the server decides about a meeting. */
export interface Meeting {
  /** The mailbox or CRM user is the organizer. */
  readonly organizing: boolean;
  /** E-mail address, lower case. */
  readonly organizer?: string;
  readonly myResponse?: ResponseStatus;
  readonly cancelled?: true;
}

/**
 * One occurrence that differs from its series: left out, or changed. A patch holds only the groups that differ; null
 * means "this occurrence has no value here although the series has one".
 */
export type Override = { readonly excluded: true } | { readonly patch: OverridePatch };

export interface OverridePatch {
  readonly title?: string | null;
  readonly location?: string | null;
  /** The occurrence's own time, in the zone of the series; `zone` is never set here. */
  readonly when?: Omit<When, 'zone'>;
  readonly showAs?: ShowAs;
  readonly reminder?: EventReminder | null;
  readonly body?: Body | null;
}

export interface EventReminder {
  /** Minutes before the start, 0 or more. */
  readonly minutesBefore: number;
}

export interface CalendarEvent {
  readonly kind: 'event';
  readonly title?: string;
  readonly location?: string;
  readonly when: When;
  readonly recurrence?: RecurrenceRule;
  /** Keyed by the original local start of the occurrence, in the zone of the series. Only with `recurrence`. */
  readonly overrides?: { readonly [originalStart: LocalDateTime]: Override };
  readonly showAs: ShowAs;
  readonly reminder?: EventReminder;
  readonly importance?: Importance;
  readonly sensitivity?: Sensitivity;
  readonly categories?: readonly string[];
  /** Keyed by e-mail address in lower case. The organizer is not an attendee. */
  readonly attendees?: { readonly [address: string]: Attendee };
  /** Answers by attendee address; owned by the server. */
  readonly responses?: { readonly [address: string]: ResponseStatus };
  readonly meeting?: Meeting;
  readonly body?: Body;
}

export type TaskStatus = 'notStarted' | 'inProgress' | 'completed' | 'waiting' | 'deferred';

export interface TaskProgress {
  readonly status: TaskStatus;
  /** 0 to 100; 0 with notStarted, 100 with completed. */
  readonly percent: number;
  /** Present exactly when the status is completed and the day is known. */
  readonly completed?: PlainDate;
}

export interface TaskDates {
  readonly start?: PlainDate;
  readonly due?: PlainDate;
}

export interface TaskReminder {
  readonly at: Instant;
}

export interface Task {
  readonly kind: 'task';
  readonly title?: string;
  readonly dates?: TaskDates;
  readonly progress: TaskProgress;
  readonly recurrence?: TaskRecurrence;
  readonly reminder?: TaskReminder;
  readonly importance?: Importance;
  readonly sensitivity?: Sensitivity;
  readonly categories?: readonly string[];
  readonly body?: Body;
}
