/** Response objects in CreateItem: accepting, declining, cancelling, forwarding. */
import type { XmlElement } from '#xml/reader.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';

/** Elements of CreateItem that answer another item rather than being one. */
export const responseObjectNames: ReadonlySet<string> = new Set([
  'AcceptItem',
  'TentativelyAcceptItem',
  'DeclineItem',
  'CancelCalendarItem',
  'RemoveItem',
  'ForwardItem',
  'ReplyToItem',
  'ReplyAllToItem',
  'SuppressReadReceipt',
]);

/** Carries out one response object; answers the items it made. */
export function respond(element: XmlElement, _call: Call): string {
  throw new EwsError('ErrorInvalidRequest', { text: `${element.name} is not supported.` });
}
