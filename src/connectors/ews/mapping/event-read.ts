/**
 * Reading `t:CalendarItem`: single events, masters of series, and (for `exceptions.ts`) changed occurrences. Masters are
 * told by CalendarItemType: IsRecurring is false on them.
 */
import type { CalendarEvent, EventReminder, Instant, Override, When, ZoneId } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import type { XmlElement } from '#xml/reader.ts';
import { child, childText } from '#xml/reader.ts';
import { instantOf } from '../../mapi/instant.ts';
import { refuse } from '../../mapi/refusal.ts';
import { whenOf } from '../../mapi/when-of.ts';
import type { People } from './attendees.ts';
import { isMeeting, mailboxAddress, meetingOf, readAttendees } from './attendees.ts';
import type { BaseDraft } from './base.ts';
import { emptyBase, isTrue, readBase } from './base.ts';
import { extendedProperty } from './extended.ts';
import type { Loose } from './field.ts';
import { linkKeyOf } from './link-key.ts';
import type { MappingContext, ReadMapping } from './mapping.ts';
import { recurrenceOf, ruleIn } from './recurrence.ts';
import { binaryRuleOf } from './recurrence-blob.ts';
import { readResult } from './result.ts';
import { busyStatusOf, showAsOf } from './show-as.ts';
import { zoneOf } from './time-zone.ts';
import { originalStartOf } from './when.ts';

/** An event while it is read. */
export interface EventDraft extends BaseDraft, People {
  start: Instant | undefined;
  end: Instant | undefined;
  originalStart: Instant | undefined;
  allDay: boolean;
  freeBusy: string | undefined;
  busyStatus: number | undefined;
  location: string | undefined;
  type: string;
  recurrence: XmlElement | undefined;
  binaryRule: string | undefined;
  modified: XmlElement | undefined;
  deleted: XmlElement | undefined;
  startZone: XmlElement | undefined;
  endZone: XmlElement | undefined;
  isCancelled: boolean;
  myResponse: string;
  organizer: XmlElement | undefined;
  state: number | undefined;
}

/** Reads a single event or a master; a lone occurrence is no item of its own. */
export function readEvent(element: XmlElement, context: MappingContext, linkKeyName: string): ReadMapping {
  if (element.name !== 'CalendarItem') return refuse('item.unsupported', `a ${element.name} is not an appointment`);
  const draft = eventDraft(element, context, linkKeyName);
  if (draft.type === 'Occurrence' || draft.type === 'Exception') {
    return refuse('item.unsupported', 'an occurrence is read with its series');
  }
  const zone = zoneOfDraft(draft, context);
  const when = whenOfDraft(draft, zone, context);
  if (when === undefined) return refuse('item.unreadable', 'the appointment came without its times', 'when');
  const rule = draft.recurrence && recurrenceOf(draft.recurrence, draft.binaryRule);
  if (draft.recurrence === undefined ? draft.type === 'RecurringMaster' : rule?.pattern.kind === undefined) {
    return refuse('item.unsupported', 'the series has a rule that is not understood', 'recurrence');
  }
  if (rule?.pattern.kind === 'regenerating') {
    return refuse('item.unsupported', 'an appointment cannot have a regenerating rule', 'recurrence');
  }
  const recurrence = rule && { pattern: rule.pattern, range: rule.range };
  const overrides = draft.deleted && exclusions(draft.deleted, when, zone);
  const event = eventOf(draft, when, recurrence, overrides, context);
  return readResult(draft, event, modifiedIds(draft.modified), draft.unresolved);
}

/** Gathers what the element says, in one pass over its children. */
export function eventDraft(element: XmlElement, context: MappingContext, linkKeyName: string): EventDraft {
  const draft: EventDraft = {
    ...emptyBase(),
    attendees: {},
    responses: {},
    unresolved: [],
    start: undefined,
    end: undefined,
    originalStart: undefined,
    allDay: false,
    freeBusy: undefined,
    busyStatus: undefined,
    location: undefined,
    type: '',
    recurrence: undefined,
    binaryRule: undefined,
    modified: undefined,
    deleted: undefined,
    startZone: undefined,
    endZone: undefined,
    isCancelled: false,
    myResponse: '',
    organizer: undefined,
    state: undefined,
  };
  for (const one of element.children) readChild(draft, one, context, linkKeyName);
  return draft;
}

function readChild(draft: EventDraft, one: XmlElement, context: MappingContext, linkKeyName: string): void {
  switch (one.name) {
    case 'Start':
      draft.start = instantOf(one.text);
      break;
    case 'End':
      draft.end = instantOf(one.text);
      break;
    case 'OriginalStart':
      draft.originalStart = instantOf(one.text);
      break;
    case 'IsAllDayEvent':
      draft.allDay = isTrue(one);
      break;
    case 'LegacyFreeBusyStatus':
      draft.freeBusy = one.text;
      break;
    case 'Location':
      draft.location = one.text;
      break;
    case 'CalendarItemType':
      draft.type = one.text;
      break;
    case 'Recurrence':
      draft.recurrence = ruleIn(one);
      break;
    case 'ModifiedOccurrences':
      draft.modified = one;
      break;
    case 'DeletedOccurrences':
      draft.deleted = one;
      break;
    case 'StartTimeZone':
      draft.startZone = one;
      break;
    case 'EndTimeZone':
      draft.endZone = one;
      break;
    case 'ExtendedProperty': {
      const property = extendedProperty(one);
      draft.busyStatus ??= busyStatusOf(property);
      draft.binaryRule ??= binaryRuleOf(property);
      draft.linkKey ??= linkKeyOf(property, linkKeyName);
      break;
    }
    default:
      if (!readPeople(draft, one, context)) readBase(draft, one);
  }
}

/** Whether the child was about people and meetings. */
function readPeople(draft: EventDraft, one: XmlElement, context: MappingContext): boolean {
  switch (one.name) {
    case 'IsCancelled':
      draft.isCancelled = isTrue(one);
      return true;
    case 'MyResponseType':
      draft.myResponse = one.text;
      return true;
    case 'Organizer':
      draft.organizer = one;
      return true;
    case 'RequiredAttendees':
      readAttendees(draft, one, 'required', context);
      return true;
    case 'OptionalAttendees':
      readAttendees(draft, one, 'optional', context);
      return true;
    case 'Resources':
      readAttendees(draft, one, 'resource', context);
      return true;
    case 'AppointmentState':
      draft.state = Number(one.text);
      return true;
    default:
      return false;
  }
}

/** The zone of the item: its own, else the mailbox's. */
export function zoneOfDraft(draft: EventDraft, context: MappingContext): ZoneId {
  const { startZone } = draft;
  return (startZone && zoneOf(startZone, yearOf(draft), context.mailboxZone)) ?? context.mailboxZone;
}

function yearOf({ start }: EventDraft): number {
  return Number((start ?? '2000').slice(0, 4));
}

/** The times in the item's zone; undefined when start or end is missing. */
export function whenOfDraft(draft: EventDraft, zone: ZoneId, context: MappingContext): When | undefined {
  const { start, end, allDay, endZone } = draft;
  if (start === undefined || end === undefined) return undefined;
  const ownEnd = allDay && endZone !== undefined ? zoneOf(endZone, yearOf(draft), context.mailboxZone) : undefined;
  return whenOf({ start, end, allDay, startZone: zone, endZone: ownEnd }, context.mailboxZone);
}

/** The reminder that is set. */
export function reminderOfDraft({ reminderIsSet, reminderMinutes }: BaseDraft): EventReminder | undefined {
  if (!reminderIsSet) return undefined;
  return { minutesBefore: Number.isInteger(reminderMinutes) && reminderMinutes > 0 ? reminderMinutes : 0 };
}

function eventOf(
  draft: EventDraft,
  when: When,
  recurrence: CalendarEvent['recurrence'],
  overrides: CalendarEvent['overrides'],
  context: MappingContext,
): CalendarEvent {
  const hasAttendees = Object.keys(draft.attendees).length > 0;
  const { isCancelled, myResponse, state } = draft;
  const signs = { isCancelled, myResponse, state, hasAttendees };
  const event: Loose<CalendarEvent> = {
    kind: 'event',
    title: draft.subject,
    location: draft.location,
    when,
    recurrence,
    overrides,
    showAs: showAsOf(draft.freeBusy, draft.busyStatus),
    reminder: reminderOfDraft(draft),
    importance: draft.importance,
    sensitivity: draft.sensitivity,
    categories: draft.categories,
    attendees: hasAttendees ? draft.attendees : undefined,
    responses: hasAttendees ? draft.responses : undefined,
    meeting: isMeeting(signs) ? meetingOf(signs, organizerOf(draft, context), context.mailbox) : undefined,
    body: draft.body,
  };
  return normalise(event as CalendarEvent);
}

function organizerOf({ organizer, unresolved }: EventDraft, context: MappingContext): string | undefined {
  return mailboxAddress(child(organizer, 'Mailbox'), context, unresolved);
}

function exclusions(deleted: XmlElement, when: When, zone: ZoneId): CalendarEvent['overrides'] {
  const found: Record<string, Override> = {};
  for (const occurrence of deleted.children) {
    const start = instantOf(childText(occurrence, 'Start'));
    if (start !== undefined) found[originalStartOf(start, when, zone)] = { excluded: true };
  }
  return found;
}

function modifiedIds(modified: XmlElement | undefined): readonly string[] {
  const ids: string[] = [];
  for (const occurrence of modified?.children ?? []) {
    const id = child(occurrence, 'ItemId')?.attributes.Id;
    if (id !== undefined) ids.push(id);
  }
  return ids;
}
