/**
 * A person's own copy of a meeting. Whose calendar it is in goes without saying: Exchange leaves the owner out of what they
 * made themselves and names them in what they were sent, a CRM names all participants. Without the owner all say the same.
 */
import type { Item } from './item.ts';

/** The item without this address (lower case) among its attendees. */
export function withoutSelf<T extends Item>(item: T, self: string): T {
  if (item.kind !== 'event' || item.attendees === undefined || !Object.hasOwn(item.attendees, self)) return item;
  const others = Object.entries(item.attendees).filter(([address]) => address !== self);
  // Rebuilt in the place it had, so that the order of keys stays that of the groups.
  const entries = Object.entries(item).flatMap(([name, value]) => {
    if (name !== 'attendees') return [[name, value] as const];
    return others.length === 0 ? [] : [[name, Object.fromEntries(others)] as const];
  });
  return Object.fromEntries(entries) as unknown as T;
}
