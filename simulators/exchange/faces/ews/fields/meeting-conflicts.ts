/** Appointments beside an appointment, which only servers of 2010 tell with everything else. */
import { propertyOf, type View } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { overlaps } from '../../../truth/series.ts';
import type { Call } from '../call.ts';
import { itemIdMarkup } from '../references.ts';
import { dateTimeText, element } from '../text.ts';
import { busyStatuses, endOf, startOf } from './calendar-values.ts';
import { type Field, readOnlyField } from './field.ts';

/** Counts and lists of conflicting and adjacent meetings, in schema order. */
export const conflictFields: readonly Field[] = [
  conflictField('ConflictingMeetingCount', (view) =>
    element('ConflictingMeetingCount', String(meetingsBeside(view, 'overlap').length)),
  ),
  conflictField('AdjacentMeetingCount', (view) =>
    element('AdjacentMeetingCount', String(meetingsBeside(view, 'touch').length)),
  ),
  conflictField('ConflictingMeetings', (view, call) => meetingList('ConflictingMeetings', view, call, 'overlap')),
  conflictField('AdjacentMeetings', (view, call) => meetingList('AdjacentMeetings', view, call, 'touch')),
];

function conflictField(name: string, write: (view: View, call: Call) => string): Field {
  return readOnlyField(
    `calendar:${name}`,
    'all',
    (view, reply) => (reply.call.profile.returnsMeetingConflicts ? write(view, reply.call) : ''),
    undefined,
    { singleOnly: true },
  );
}

/** Other single appointments of the folder at the same time, or that begin or end where this one does. */
function meetingsBeside(view: View, how: 'overlap' | 'touch'): readonly View[] {
  if (view.item.series !== undefined) return [];
  const span = { startMs: startOf(view), endMs: endOf(view) };
  const found: View[] = [];
  for (const item of view.item.folder.items.values()) {
    if (item === view.item || item.series !== undefined) continue;
    const other: View = { item, occurrence: undefined };
    const otherSpan = { startMs: startOf(other), endMs: endOf(other) };
    const isBeside =
      how === 'overlap'
        ? overlaps(otherSpan, span.startMs, span.endMs)
        : otherSpan.startMs === span.endMs || otherSpan.endMs === span.startMs;
    if (isBeside && propertyOf(other, event.start) !== undefined) found.push(other);
  }
  return found;
}

function meetingList(name: string, view: View, call: Call, how: 'overlap' | 'touch'): string {
  const list = meetingsBeside(view, how).map((one) => {
    const subject = propertyOf(one, message.subject) ?? '';
    return `<t:CalendarItem>${itemIdMarkup(call.mailbox, one)}${element('Subject', subject)}${element('Start', dateTimeText(startOf(one), call.zone))}${element('End', dateTimeText(endOf(one), call.zone))}${element('LegacyFreeBusyStatus', busyStatuses[propertyOf(one, event.busyStatus) ?? 2] ?? 'Busy')}${element('Location', propertyOf(one, event.location) ?? '')}</t:CalendarItem>`;
  });
  return list.length === 0 ? '' : `<t:${name}>${list.join('')}</t:${name}>`;
}
