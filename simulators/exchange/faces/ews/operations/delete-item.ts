/** DeleteItem ([MS-OXWSCORE] 3.1.4.3): items and occurrences, in one of three ways. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { DeleteMode } from '../../../truth/mailbox.ts';
import { type Call, writerOf } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { itemTypeOf } from '../item-types.ts';
import { cancelAttendees } from '../meetings.ts';
import { forEachInput } from '../messages.ts';
import { resolveItem } from '../resolve.ts';
import { strikeItem } from '../strikes.ts';

/** Delete modes by DeleteType. */
export const deleteModes: Readonly<Record<string, DeleteMode>> = {
  HardDelete: 'hard',
  SoftDelete: 'soft',
  MoveToDeletedItems: 'trash',
};

export function deleteItem(call: Call): string {
  const references = child(call.request, 'ItemIds')?.children ?? [];
  return forEachInput('DeleteItem', references, '', (reference, index) => {
    strikeItem(call, index);
    deleteOne(reference, call);
    return '';
  });
}

function deleteOne(reference: XmlElement, call: Call): void {
  const { DeleteType, SendMeetingCancellations, AffectedTaskOccurrences } = call.request.attributes;
  const { view } = found(reference, call);
  const { item, occurrence } = view;
  const type = itemTypeOf(view);
  if (type === 'CalendarItem' && SendMeetingCancellations === undefined) {
    throw new EwsError('ErrorSendMeetingCancellationsRequired');
  }
  if (type === 'Task' && AffectedTaskOccurrences === undefined) {
    throw new EwsError('ErrorAffectedTaskOccurrencesRequired');
  }
  // A delegate has no way into the owner's Deleted Items.
  if (call.delegate !== undefined && DeleteType === 'MoveToDeletedItems') throw new EwsError('ErrorCannotDeleteObject');
  if (type === 'CalendarItem') cancelAttendees(view, call, SendMeetingCancellations);
  if (occurrence !== undefined && item.series?.kind === 'appointment') {
    call.mailbox.removeOccurrence(item, item.series, occurrence.day, writerOf(call));
    return;
  }
  call.mailbox.remove(item, deleteModes[DeleteType ?? ''] ?? 'trash');
}

/** Newer builds say twice that an item is gone. */
function found(reference: XmlElement, call: Call) {
  try {
    return resolveItem(reference, call);
  } catch (error) {
    if (!(error instanceof EwsError) || error.code !== 'ErrorItemNotFound' || !call.profile.longItemNotFoundOnDelete) {
      throw error;
    }
    throw new EwsError('ErrorItemNotFound', {
      text: `${error.message}, The process failed to get the correct properties.`,
    });
  }
}
