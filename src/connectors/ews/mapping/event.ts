/**
 * Appointments, meetings and series (EWS `t:CalendarItem`). A series is its master: excluded occurrences are read from the
 * master itself, changed ones are fetched and merged by `exceptions.ts`. Masters are told by CalendarItemType: IsRecurring
 * is false on them.
 */
import type { LinkKey, Update } from '#contract/connector.ts';
import type { Fields } from '#model/groups.ts';
import { groupOf } from '#model/groups.ts';
import type { CalendarEvent, EventReminder, Item } from '#model/item.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { isOfClass } from '../../mapi/item-class.ts';
import { refuse } from '../../mapi/refusal.ts';
import { attendeeChanges, attendeeElements } from './attendees.ts';
import { baseChange, bodyElement, categoriesElement, importanceElement, sensitivityElement } from './base.ts';
import { refusal } from './check.ts';
import { readEvent } from './event-read.ts';
import {
  extendedElement,
  itemShape,
  present,
  setField,
  setOrDelete,
  setOrDeleteExtended,
  textElement,
} from './field.ts';
import { linkKeyUri } from './link-key.ts';
import type { BuildMapping, KindMapping, MappingContext } from './mapping.ts';
import { recurrenceElement } from './recurrence.ts';
import { appointmentRuleUri } from './recurrence-blob.ts';
import { busyStatusElement, busyStatusUri, showAsChanges, showAsElement } from './show-as.ts';
import { allDayElement, endElement, startElement, whenChanges, zoneElements } from './when.ts';

/** The mapping of events. */
export function eventMapping(linkKeyName: string): KindMapping {
  const keyUri = linkKeyUri(linkKeyName);
  return {
    kind: 'event',
    folder: 'calendar',
    capabilities: { fields: capableFields, patterns: eventPatterns, zones: 'windows' },
    accepts: (itemClass) => isOfClass(itemClass, 'IPM.Appointment') || isOfClass(itemClass, exceptionClass),
    shape: itemShape(uris, [busyStatusUri, appointmentRuleUri, keyUri]),
    exceptionShape: itemShape(exceptionUris, [busyStatusUri]),
    shapeBefore: () => undefined,
    read: (element, context) => readEvent(element, context, linkKeyName),
    create: (item, linkKey, context) => create(item, linkKey, context, keyUri),
    update: (update, context) => updates(update, context, keyUri),
  };
}

/** A changed occurrence is an embedded object of the master and has the class of one. */
const exceptionClass = 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}';

const eventPatterns = ['daily', 'weekly', 'monthly', 'monthlyByWeekday', 'yearly', 'yearlyByWeekday'] as const;

const capableFields: Fields = {
  title: true,
  location: true,
  when: true,
  recurrence: true,
  overrides: true,
  showAs: true,
  reminder: true,
  importance: true,
  sensitivity: true,
  categories: true,
  attendees: true,
  responses: true,
  meeting: true,
  body: ['text'],
};

const exceptionUris: readonly string[] = [
  'item:ItemClass',
  'item:Subject',
  'item:Body',
  'item:ReminderIsSet',
  'item:ReminderMinutesBeforeStart',
  'calendar:Start',
  'calendar:End',
  'calendar:OriginalStart',
  'calendar:IsAllDayEvent',
  'calendar:LegacyFreeBusyStatus',
  'calendar:Location',
];

/** EndTimeZone is left out: it only matters for whole days, which are found without it, and is large. */
const uris: readonly string[] = [
  ...exceptionUris.filter((uri) => uri !== 'calendar:OriginalStart'),
  'item:Sensitivity',
  'item:LastModifiedTime',
  'item:Categories',
  'item:Importance',
  'calendar:IsCancelled',
  'calendar:CalendarItemType',
  'calendar:MyResponseType',
  'calendar:Organizer',
  'calendar:RequiredAttendees',
  'calendar:OptionalAttendees',
  'calendar:Resources',
  'calendar:AppointmentState',
  'calendar:Recurrence',
  'calendar:ModifiedOccurrences',
  'calendar:DeletedOccurrences',
  'calendar:StartTimeZone',
];

function create(item: Item, linkKey: LinkKey, context: MappingContext, keyUri: Markup): BuildMapping<Markup> {
  if (item.kind !== 'event') return refuse('defect.internal', `a ${item.kind} was given to the event mapping`);
  const refused = refusal(item) ?? zoneRefusal(item, context);
  if (refused !== undefined) return refused;
  const { when } = item;
  const zones = zoneElements(when, context);
  return {
    ok: true,
    value: xml`<t:CalendarItem>${present(
      textElement('Subject', item.title),
      sensitivityElement(item.sensitivity),
      bodyElement(item.body),
      categoriesElement(item.categories),
      importanceElement(item.importance),
      reminderElement(item.reminder),
      minutesElement(item.reminder),
      extendedElement(keyUri, linkKey),
      busyStatusElement(item.showAs),
      startElement(when, context),
      endElement(when, context),
      allDayElement(when),
      showAsElement(item.showAs),
      textElement('Location', item.location),
      ...attendeeElements(item.attendees, context.mailbox),
      ruleElement(item),
      zones?.start,
      zones?.end,
    )}</t:CalendarItem>`,
  };
}

/** Without its zone a new series would run in UTC and leave its hour when the clocks change. */
function zoneRefusal({ when, recurrence }: CalendarEvent, context: MappingContext) {
  if (context.omitZones !== true || recurrence === undefined || when.zone === 'Etc/UTC') return undefined;
  return refuse('item.unsupported', 'The server does not accept the time zone of the series.', 'when');
}

/** The default reminder of a server is on, so off is said. */
function reminderElement(reminder: EventReminder | undefined): Markup {
  return xml`<t:ReminderIsSet>${reminder !== undefined}</t:ReminderIsSet>`;
}

function minutesElement(reminder: EventReminder | undefined): Markup | undefined {
  if (reminder === undefined) return undefined;
  return xml`<t:ReminderMinutesBeforeStart>${reminder.minutesBefore}</t:ReminderMinutesBeforeStart>`;
}

/** The changes of a reminder. */
export function reminderChanges(reminder: EventReminder | undefined): readonly Markup[] {
  const minutes = minutesElement(reminder);
  return present(
    minutes && setField('CalendarItem', 'item:ReminderMinutesBeforeStart', minutes),
    setField('CalendarItem', 'item:ReminderIsSet', reminderElement(reminder)),
  );
}

/** The rule counts from the event's own date, which is the first occurrence. */
function ruleElement({ when, recurrence }: CalendarEvent): Markup | undefined {
  return recurrence && recurrenceElement({ ...recurrence, start: when.start.slice(0, 10) });
}

/**
 * What stays the user's own on a meeting somebody else organizes; the organizer's next update overwrites the rest. Of
 * overrides it depends on the patch (`exceptions.ts`).
 */
const ownGroups: ReadonlySet<string> = new Set([
  'showAs',
  'reminder',
  'sensitivity',
  'categories',
  'body',
  'overrides',
]);

/** Whether this mailbox may change the group of the event. */
export function mayChange(event: CalendarEvent, group: string): boolean {
  return event.meeting === undefined || event.meeting.organizing || ownGroups.has(group);
}

function updates(update: Update, context: MappingContext, keyUri: Markup): BuildMapping<readonly Markup[]> {
  const { target, paths, linkKey } = update;
  if (target.kind !== 'event') return refuse('defect.internal', `a ${target.kind} was given to the event mapping`);
  const asked = new Set(paths.map(groupOf));
  const allowed = [...asked].filter((group) => mayChange(target, group));
  const denied = paths.find((path) => !mayChange(target, groupOf(path)));
  if (denied !== undefined && allowed.length === 0) {
    return refuse('item.denied', 'Only the organizer of the meeting can change this.', denied);
  }
  const refused = refusal(target, allowed);
  if (refused !== undefined) return refused;
  const changes = [...timeChanges(target, allowed, context)];
  for (const group of allowed) changes.push(...changesOf(group, target, context));
  if (linkKey !== undefined) changes.push(setOrDeleteExtended('CalendarItem', keyUri, linkKey));
  return { ok: true, value: changes };
}

/** Times and rule are written together: the rule's first date is the event's, and a new series needs its zone. */
function timeChanges(event: CalendarEvent, groups: readonly string[], context: MappingContext): readonly Markup[] {
  const isRuleAsked = groups.includes('recurrence');
  if (!isRuleAsked && !groups.includes('when')) return [];
  const times = whenChanges(event.when, context);
  if (!isRuleAsked && event.recurrence === undefined) return times;
  return [...times, setOrDelete('CalendarItem', 'calendar:Recurrence', ruleElement(event))];
}

/** The changes of one group other than times and rule; overrides are `exceptions.ts`, server-owned groups have none. */
function changesOf(group: string, event: CalendarEvent, context: MappingContext): readonly Markup[] {
  switch (group) {
    case 'location':
      return [setOrDelete('CalendarItem', 'calendar:Location', textElement('Location', event.location))];
    case 'showAs':
      return showAsChanges(event.showAs);
    case 'reminder':
      return reminderChanges(event.reminder);
    case 'attendees':
      return attendeeChanges(event.attendees, context.mailbox);
    default: {
      const change = baseChange('CalendarItem', group, event);
      return change === undefined ? [] : [change];
    }
  }
}
