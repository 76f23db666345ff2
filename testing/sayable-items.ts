/** Items without what some ways of writing them cannot say. */
import type { Item, Override } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';

/** Names without quotation marks, which parameters of iCalendar cannot hold (RFC 5545 3.1). */
export function withPlainNames(item: Item): Item {
  if (item.kind !== 'event' || item.attendees === undefined) return item;
  const attendees = Object.entries(item.attendees).map(([address, attendee]) => {
    const { name, role } = attendee;
    return [address, name === undefined ? { role } : { name: name.replaceAll('"', "'"), role }] as const;
  });
  return normalise({ ...item, attendees: Object.fromEntries(attendees) });
}

/** Occurrences with the text of their series, which is all that properties can say. */
export function withoutOccurrenceTexts<T extends Item>(item: T): T {
  if (item.kind !== 'event' || item.overrides === undefined) return item;
  const overrides = Object.entries(item.overrides).map(([key, override]): [string, Override] => {
    if ('excluded' in override) return [key, override];
    const { body: _, ...patch } = override.patch;
    return [key, { patch }];
  });
  return normalise({ ...item, overrides: Object.fromEntries(overrides) });
}
