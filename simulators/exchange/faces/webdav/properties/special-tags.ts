/** Tags that are more than a value in the store. */
import { propertyOf } from '../../../truth/item.ts';
import { tagged } from '../../../truth/properties.ts';
import { storeEntryId } from '../identity.ts';
import { davNameOf } from '../item-names.ts';
import { plainText, setPlainText } from '../item-text.ts';
import { legacyDn } from '../legacy-dn.ts';
import { internetContent } from '../mime/internet-content.ts';
import { alias, type DavProperty } from './property.ts';

/** Characters that are percent-encoded in PidTagUrlCompName. */
const encoded = /[&+:;<>"#*|?~%]/g;

export const specialTags: ReadonlyMap<number, DavProperty> = new Map<number, DavProperty>([
  [
    0x10f3,
    {
      type: 'String',
      read: (resource) =>
        resource.kind === 'folder'
          ? resource.folder.name
          : davNameOf(resource.view.item)
              .replace(encoded, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
              .replaceAll('/', '_xF8FF_'),
    },
  ],
  [
    0x0ffb,
    {
      type: 'Binary',
      read: ({ place }) => storeEntryId(place.server, legacyDn(place.mailbox.address)),
    },
  ],
  [
    0x6659,
    {
      ...alias(internetContent),
      read: (resource) => {
        if (resource.kind === 'folder') return undefined;
        const { item, occurrence } = resource.view;
        // The stream is good as long as nobody changed the item since it was written.
        const last = item.past.at(-1);
        const isFresh = last === undefined || last.keys.has(internetContent);
        return isFresh && occurrence === undefined ? propertyOf(resource.view, internetContent) : undefined;
      },
    },
  ],
  [
    0x1000,
    {
      type: 'String',
      read: (resource) => (resource.kind === 'folder' ? undefined : plainText(resource.view)),
      write: (pending, value) => setPlainText(pending.draft, value),
    },
  ],
  [
    0x3001,
    {
      ...alias(tagged(0x3001, 'String')),
      read: (resource) =>
        resource.kind === 'folder' ? resource.folder.name : propertyOf(resource.view, tagged(0x3001, 'String')),
    },
  ],
]);
