/** Names without quotation marks, which parameters of iCalendar cannot say (RFC 5545 3.1). */
import type { Item } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';

export function withPlainNames(item: Item): Item {
  if (item.kind !== 'event' || item.attendees === undefined) return item;
  const attendees = Object.entries(item.attendees).map(([address, attendee]) => {
    const { name, role } = attendee;
    return [address, name === undefined ? { role } : { name: name.replaceAll('"', "'"), role }] as const;
  });
  return normalise({ ...item, attendees: Object.fromEntries(attendees) });
}
