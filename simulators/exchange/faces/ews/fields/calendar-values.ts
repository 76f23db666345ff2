/** Values of appointments that several parts of the face need. */
import { propertyOf, type View } from '../../../truth/item.ts';
import { event } from '../../../truth/property-keys.ts';

/** Words for PidLidBusyStatus. */
export const busyStatuses = ['Free', 'Tentative', 'Busy', 'OOF', 'WorkingElsewhere', 'NoData'];

/** Words for PidLidResponseStatus. */
export const responseTypes = ['Unknown', 'Organizer', 'Tentative', 'Accept', 'Decline', 'NoResponseReceived'];

/** Start as this view has it: of the occurrence, or of the first occurrence for a master. UTC milliseconds. */
export function startOf(view: View): number {
  return view.occurrence?.startMs ?? propertyOf(view, event.start) ?? 0;
}

export function endOf(view: View): number {
  return view.occurrence?.endMs ?? propertyOf(view, event.end) ?? 0;
}

/** Single, Occurrence, Exception or RecurringMaster. */
export function calendarItemType(view: View): string {
  if (view.occurrence !== undefined) return view.occurrence.exception === undefined ? 'Occurrence' : 'Exception';
  return view.item.series === undefined ? 'Single' : 'RecurringMaster';
}
