/**
 * `urn:schemas:calendar:` and the appointment names of the MAPI namespace (reference on Exchange 2007, sections 1.8 and 4.3).
 * They are other names of MAPI properties: writing one changes that property and no other. Only the words of a recurrence
 * rule are worked out by the server, and only when they are written.
 */
import { zonesOf } from '../../../truth/appointment-rules.ts';
import { globalObjectIdOf, uidOf } from '../../../truth/global-object-id.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import { type PropertyKey, type PropertyValue, tagged } from '../../../truth/properties.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { ruleText } from '../../../truth/recurrence-text.ts';
import { utcOf } from '../../../truth/zone.ts';
import { cdoZoneNumber } from '../cdo-zones.ts';
import { zoneText } from '../mime/zone-text.ts';
import type { PendingWrite, RecurrenceWords } from '../pending-write.ts';
import { alias, type DavProperty, type PropertyTable, shown, storedValue, words } from './property.ts';

const dayMs = 86_400_000;

/** PidLidBusyStatus as words; "elsewhere" has none in 2007. */
const busyWords = ['FREE', 'TENTATIVE', 'BUSY', 'OOF'] as const;

/** Another name of a number that counts in `factor` times larger units. */
function scaled(key: PropertyKey<number>, factor: number): DavProperty {
  return {
    type: 'Integer',
    read(resource) {
      if (resource.kind === 'folder') return undefined;
      const value = storedValue(resource.view, key, resource.place.mailbox);
      return value === undefined ? undefined : Number(value) * factor;
    },
    write(pending, value) {
      pending.draft.put(key, value === undefined ? undefined : Math.round(Number(value) / factor));
      return true;
    },
  };
}

/** What is only remembered until the whole write is read. */
function remembered<Name extends keyof RecurrenceWords>(
  name: Name,
  type: DavProperty['type'],
  read: DavProperty['read'],
): DavProperty {
  return {
    type,
    read,
    write(pending: PendingWrite, value: PropertyValue | undefined) {
      pending.recurrence[name] = value as RecurrenceWords[Name];
      return true;
    },
  };
}

const whenItem = (read: (view: View) => PropertyValue | undefined): DavProperty['read'] => {
  return (resource) => (resource.kind === 'folder' ? undefined : read(resource.view));
};

/** 0 single, 1 series, 2 instance, 3 exception. */
export function instanceType(view: View): number {
  if (view.occurrence !== undefined) return view.occurrence.exception === undefined ? 2 : 3;
  return view.item.series?.kind === 'appointment' ? 1 : 0;
}

function recurrenceRules(view: View): PropertyValue | undefined {
  const { series } = view.item;
  if (series?.kind !== 'appointment' || view.occurrence !== undefined) return undefined;
  return [ruleText(series.rule, (day) => utcOf(series.zone, (day + 1) * dayMs - 1000))];
}

function deletedDates(view: View): PropertyValue | undefined {
  const { series } = view.item;
  if (series?.kind !== 'appointment' || series.deleted.size === 0) return undefined;
  const days = [...series.deleted].sort((a, b) => a - b);
  return days.map((day) => utcOf(series.zone, day * dayMs + series.startOffsetMs));
}

const uid: DavProperty = {
  type: 'String',
  read: whenItem((view) => {
    const id = propertyOf(view, event.cleanGlobalObjectId) ?? propertyOf(view, event.globalObjectId);
    return id === undefined ? undefined : uidOf(id);
  }),
  write(pending, value) {
    const id = value === undefined ? undefined : globalObjectIdOf(String(value));
    pending.draft.put(event.globalObjectId, id);
    pending.draft.put(event.cleanGlobalObjectId, id);
    return true;
  },
};

const meetingStatus: DavProperty = {
  type: 'String',
  read: whenItem((view) => {
    if (((propertyOf(view, event.stateFlags) ?? 0) & 4) !== 0) return 'CANCELLED';
    return propertyOf(view, event.busyStatus) === 1 ? 'TENTATIVE' : 'CONFIRMED';
  }),
  write(pending, value) {
    const isCancelled = value === 'CANCELLED';
    if (value !== undefined && !isCancelled && value !== 'TENTATIVE' && value !== 'CONFIRMED') return false;
    const flags = pending.draft.get(event.stateFlags) ?? 0;
    pending.draft.set(event.stateFlags, isCancelled ? flags | 4 : flags & ~4);
    return true;
  },
};

const transparent: DavProperty = {
  type: 'String',
  read: whenItem((view) => (propertyOf(view, event.busyStatus) === 0 ? 'TRANSPARENT' : 'OPAQUE')),
  write(pending, value) {
    if (value === 'TRANSPARENT') pending.draft.set(event.busyStatus, 0);
    else if (value !== 'OPAQUE' && value !== undefined) return false;
    return true;
  },
};

export const calendarProperties: PropertyTable = {
  uid,
  dtstart: alias(event.start),
  dtend: alias(event.end),
  duration: scaled(event.durationMinutes, 60),
  alldayevent: alias(event.allDay, false),
  busystatus: words(event.busyStatus, busyWords),
  transparent,
  location: alias(event.location),
  meetingstatus: meetingStatus,
  method: alias(tagged(0x3ff0, 'String')),
  organizer: shown(
    'String',
    whenItem((view) => {
      const address = propertyOf(view, message.fromAddress);
      return address === undefined ? undefined : `"${propertyOf(view, message.fromName) ?? address}" <${address}>`;
    }),
  ),
  isorganizer: shown(
    'Boolean',
    whenItem((view) => ((propertyOf(view, event.stateFlags) ?? 0) & 2) === 0),
  ),
  attendeestatus: words(event.responseStatus, ['NEEDS-ACTION', 'ACCEPTED', 'TENTATIVE', 'ACCEPTED', 'DECLINED']),
  responserequested: alias(event.responseRequested),
  reminderoffset: scaled(message.reminderMinutes, 60),
  timezone: remembered(
    'timeZone',
    'String',
    whenItem((view) => zoneText(seriesZone(view))),
  ),
  timezoneid: remembered(
    'timeZoneNumber',
    'Integer',
    whenItem((view) => cdoZoneNumber(seriesZone(view).id)),
  ),
  instancetype: remembered('instanceType', 'Integer', whenItem(instanceType)),
  rrule: remembered('rules', 'StringArray', whenItem(recurrenceRules)),
  exdate: remembered('deletedTimes', 'SystemTimeArray', whenItem(deletedDates)),
  recurrenceid: shown(
    'SystemTime',
    whenItem((view) => view.occurrence?.originalStartMs),
  ),
  created: shown(
    'SystemTime',
    whenItem((view) => view.item.createdMs),
  ),
  lastmodified: shown(
    'SystemTime',
    whenItem((view) => view.item.modifiedMs),
  ),
  dtstamp: shown(
    'SystemTime',
    whenItem((view) => view.item.modifiedMs),
  ),
  sequence: alias(event.sequence),
};

function seriesZone(view: View) {
  const { series } = view.item;
  return series?.kind === 'appointment' ? series.zone : zonesOf((key) => propertyOf(view, key)).start;
}

export const patternEnd: DavProperty = remembered(
  'patternEnd',
  'SystemTime',
  whenItem((view) => {
    const { series } = view.item;
    if (series?.kind !== 'appointment' || series.rule.end.kind !== 'date') return undefined;
    return utcOf(series.zone, (series.rule.end.day + 1) * dayMs);
  }),
);

export const calendarMapiProperties: PropertyTable = {
  apptstartwhole: alias(event.start),
  apptendwhole: alias(event.end),
  apptduration: alias(event.durationMinutes),
  apptsubtype: alias(event.allDay),
  apptstateflags: alias(event.stateFlags),
  apptseq: alias(event.sequence),
  busystatus: alias(event.busyStatus),
  intendedbusystatus: alias(event.intendedBusyStatus),
  location: alias(event.location),
  responsestatus: alias(event.responseStatus),
  finvited: alias(event.fInvited),
  recurring: alias(event.recurring),
  recurtype: alias(event.recurrenceType),
  recurpattern: alias(event.recurrencePattern),
  apptrecur: alias(event.recurrenceBlob),
  timezonestruct: alias(event.zoneStruct),
  timezonedesc: alias(event.zoneDescription),
  clipstart: alias(event.clipStart),
  clipend: alias(event.clipEnd),
};
