/** What a WebDAV property is to the server: its type, where its value is, and how it is written. */
import { appointmentProperty } from '../../../truth/appointment-properties.ts';
import { storeProperty } from '../../../truth/computed.ts';
import type { View } from '../../../truth/item.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import type { PropertyKey, PropertyType, PropertyValue } from '../../../truth/properties.ts';
import { event, todo } from '../../../truth/property-keys.ts';
import type { PendingWrite } from '../pending-write.ts';
import type { Resource } from '../resource.ts';

export interface DavProperty {
  readonly type: PropertyType;
  /** The type of what is stored, where a name alone does not tell it. */
  typeOf?(resource: Resource): PropertyType | undefined;
  /** Made when it is read: searches cannot ask for it. */
  readonly isCalculated?: boolean | undefined;
  read(resource: Resource): PropertyValue | undefined;
  /** Takes a value, or takes it away (undefined); answers false for a value it cannot have. Absent: read-only. */
  readonly write?: ((pending: PendingWrite, value: PropertyValue | undefined) => boolean) | undefined;
}

/** A MAPI property as a reader of the store finds it. */
export function storedValue(view: View, key: PropertyKey, mailbox: Mailbox): PropertyValue | undefined {
  const isBlob = key === (event.recurrenceBlob as PropertyKey) || key === (todo.recurrenceBlob as PropertyKey);
  if (isBlob) return appointmentProperty(view, key);
  return storeProperty(view, key, mailbox) ?? appointmentProperty(view, key);
}

/** A table of properties by local name, for one namespace. */
export type PropertyTable = Readonly<Record<string, DavProperty>>;

/** Another name of a MAPI property. */
export function alias(key: PropertyKey, fallback?: PropertyValue): DavProperty {
  return {
    type: key.type,
    read: (resource) =>
      resource.kind === 'folder' ? undefined : (storedValue(resource.view, key, resource.place.mailbox) ?? fallback),
    write: (pending, value) => {
      pending.draft.put(key, value);
      return true;
    },
  };
}

/** A property that only says something. */
export function shown(
  type: PropertyType,
  read: (resource: Resource) => PropertyValue | undefined,
  isCalculated = false,
): DavProperty {
  return { type, read, isCalculated };
}

/** A number of the store that WebDAV shows as a word. Unknown words are refused. */
export function words(key: PropertyKey<number>, all: readonly string[], fallback?: number): DavProperty {
  return {
    type: 'String',
    read(resource) {
      if (resource.kind === 'folder') return undefined;
      const code = storedValue(resource.view, key, resource.place.mailbox) ?? fallback;
      return typeof code === 'number' ? all[code] : undefined;
    },
    write(pending, value) {
      if (value === undefined) {
        pending.draft.delete(key);
        return true;
      }
      const wanted = String(value).toLowerCase();
      const code = all.findIndex((one) => one.toLowerCase() === wanted);
      if (code >= 0) pending.draft.set(key, code);
      return code >= 0;
    },
  };
}
