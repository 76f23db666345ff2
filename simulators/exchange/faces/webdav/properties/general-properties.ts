/** `DAV:`, `repl`, `exchange`, `httpmail` and `mailheader`: what items and folders have whatever they are. */
import { storeProperty } from '../../../truth/computed.ts';
import type { Folder, WellKnownName } from '../../../truth/folder.ts';
import { itemClassOf, propertyOf, type Recipient, recipientsOf, type View } from '../../../truth/item.ts';
import { named, type PropertyValue, tagged } from '../../../truth/properties.ts';
import { message, propertySets } from '../../../truth/property-keys.ts';
import { contentTag, davId, davUid, entityTag, messageId, permanentUrl, replUid, resourceTag } from '../identity.ts';
import { davNameOf } from '../item-names.ts';
import { plainText, setHtml, setPlainText } from '../item-text.ts';
import { mimeBytes } from '../mime/item-mime.ts';
import { type FolderResource, folderUrl, type Resource, urlOf, visibleChildren } from '../resource.ts';
import { patternEnd } from './calendar-properties.ts';
import { contentOfClass, contentOfFolder } from './content-class.ts';
import { alias, type DavProperty, type PropertyTable, shown, words } from './property.ts';

const contentClassKey = named<string>(propertySets.InternetHeaders, 'content-class', 'String');

const ofFolder = (read: (folder: Folder, resource: FolderResource) => PropertyValue | undefined) => {
  return (resource: Resource) => (resource.kind === 'folder' ? read(resource.folder, resource) : undefined);
};

const ofItem = (read: (view: View, resource: Resource) => PropertyValue | undefined) => {
  return (resource: Resource) => (resource.kind === 'item' ? read(resource.view, resource) : undefined);
};

const either = (
  item: (view: View) => PropertyValue | undefined,
  folder: (one: Folder) => PropertyValue | undefined,
) => {
  return (resource: Resource) => (resource.kind === 'item' ? item(resource.view) : folder(resource.folder));
};

const contentClass: DavProperty = {
  type: 'String',
  read: either(
    (view) => propertyOf(view, contentClassKey) ?? contentOfClass(itemClassOf(view)),
    (folder) => contentOfFolder(folder.folderClass),
  ),
  write(pending, value) {
    pending.contentClass = value === undefined ? undefined : String(value);
    pending.draft.put(contentClassKey, pending.contentClass);
    return true;
  },
};

export const davProperties: PropertyTable = {
  contentclass: contentClass,
  href: shown('String', urlOf),
  displayname: shown(
    'String',
    either(
      (view) => davNameOf(view.item),
      (folder) => folder.name,
    ),
  ),
  parentname: shown('String', (resource) => {
    const folder = resource.kind === 'folder' ? resource.folder.parent : resource.view.item.folder;
    const url = folder === undefined ? `${resource.place.base}/` : folderUrl(resource.place, folder);
    return url.endsWith('/') ? url : `${url}/`;
  }),
  creationdate: shown(
    'SystemTime',
    either(
      (view) => view.item.createdMs,
      (folder) => folder.committedMs,
    ),
  ),
  getlastmodified: shown(
    'SystemTime',
    either(
      (view) => view.item.modifiedMs,
      (folder) => folder.committedMs,
    ),
  ),
  getetag: shown('String', entityTag),
  getcontenttype: shown('String', (resource) =>
    resource.kind === 'item' ? 'message/rfc822' : 'application/octet-stream',
  ),
  getcontentlength: shown(
    'Integer',
    either(
      (view) => mimeBytes(view).length,
      () => 0,
    ),
    true,
  ),
  id: shown('String', davId, true),
  uid: shown('String', davUid, true),
  isfolder: shown('Boolean', (resource) => resource.kind === 'folder'),
  iscollection: shown('Boolean', (resource) => resource.kind === 'folder'),
  ishidden: shown(
    'Boolean',
    either(
      (view) => view.item.associated,
      (folder) => folder.hidden,
    ),
  ),
  isreadonly: shown('Boolean', () => false),
  isroot: shown(
    'Boolean',
    ofFolder((folder) => folder.wellKnown === 'msgfolderroot'),
  ),
  isstructureddocument: shown('Boolean', () => false),
  hassubs: shown(
    'Boolean',
    ofFolder((folder) => visibleChildren(folder).length > 0),
  ),
  nosubs: shown(
    'Boolean',
    ofFolder(() => false),
  ),
  childcount: shown(
    'Integer',
    ofFolder((folder) => folder.items.size + visibleChildren(folder).length),
    true,
  ),
  objectcount: shown(
    'Integer',
    ofFolder((folder) => folder.items.size),
  ),
  visiblecount: shown(
    'Integer',
    ofFolder((folder) => folder.items.size),
  ),
};

export const replProperties: PropertyTable = {
  'repl-uid': shown('String', replUid),
  resourcetag: shown('String', resourceTag),
  contenttag: shown(
    'String',
    ofFolder((folder, { place }) => contentTag(place.mailbox, folder)),
  ),
};

export const exchangeProperties: PropertyTable = {
  outlookmessageclass: {
    ...alias(message.itemClass),
    read: ofItem((view) => itemClassOf(view)),
  },
  outlookfolderclass: shown(
    'String',
    ofFolder((folder) => (folder.folderClass === '' ? undefined : folder.folderClass)),
  ),
  permanenturl: shown('String', permanentUrl),
  mid: shown(
    'Long',
    ofItem((view) => messageId(view.item)),
  ),
  'keywords-utf8': alias(message.categories),
  sensitivity: alias(message.sensitivity),
  patternend: patternEnd,
  timezone: shown(
    'String',
    ofFolder((folder, { place }) =>
      folder.wellKnown === 'msgfolderroot' ? place.mailbox.description.zone.id : undefined,
    ),
  ),
  ...Object.fromEntries(
    [0x804f, 0x8050, 0x8051, 0x8052].map((id, index) => [
      `extensionattribute${index + 1}`,
      alias(named(propertySets.Address, id, 'String')),
    ]),
  ),
};

/** Names of well-known folders, as properties of the whole mailbox. */
const wellKnown: Readonly<Record<string, WellKnownName>> = {
  inbox: 'inbox',
  calendar: 'calendar',
  contacts: 'contacts',
  tasks: 'tasks',
  deleteditems: 'deleteditems',
  drafts: 'drafts',
  sentitems: 'sentitems',
  outbox: 'outbox',
  journal: 'journal',
  notes: 'notes',
};

const onRoot = (read: (resource: FolderResource) => PropertyValue) =>
  shown('String', (resource) => {
    const isRoot = resource.kind === 'folder' && ['msgfolderroot', 'root'].includes(resource.folder.wellKnown ?? '');
    return isRoot ? read(resource) : undefined;
  });

const recipients = (kind: Recipient['kind']): DavProperty =>
  shown(
    'String',
    ofItem((view) => {
      const all = recipientsOf(view).filter((one) => one.kind === kind);
      return all.length === 0 ? undefined : all.map((one) => `"${one.name}" <${one.address}>`).join(', ');
    }),
  );

const importanceWords = ['low', 'normal', 'high'];

const read: DavProperty = {
  type: 'Boolean',
  read: ofItem((view) => view.item.isRead || !itemClassOf(view).startsWith('IPM.Note')),
  write(pending, value) {
    pending.isRead = value === true;
    return true;
  },
};

export const httpmailProperties: PropertyTable = {
  subject: alias(message.subject),
  normalizedsubject: shown(
    'String',
    ofItem((view) => propertyOf(view, message.subject)?.replace(/^.{1,3}: /, '')),
  ),
  textdescription: {
    type: 'String',
    read: ofItem(plainText),
    write: (pending, value) => setPlainText(pending.draft, value),
  },
  htmldescription: {
    type: 'String',
    read: ofItem((view) => {
      const html = propertyOf(view, message.html);
      return html === undefined ? undefined : Buffer.from(html).toString('utf8');
    }),
    write: (pending, value) => setHtml(pending.draft, value),
  },
  hasattachment: shown(
    'Boolean',
    ofItem((view, { place }) => storeProperty(view, message.hasAttachments, place.mailbox)),
  ),
  read,
  importance: alias(message.importance),
  from: shown(
    'String',
    ofItem((view) => {
      const address = propertyOf(view, message.fromAddress);
      return address === undefined ? undefined : `"${propertyOf(view, message.fromName) ?? address}" <${address}>`;
    }),
  ),
  date: shown(
    'SystemTime',
    ofItem((view) => propertyOf(view, message.submitTime) ?? view.item.createdMs),
  ),
  datereceived: shown(
    'SystemTime',
    ofItem((view) => propertyOf(view, message.deliveryTime) ?? view.item.createdMs),
  ),
  unreadcount: shown(
    'Integer',
    ofFolder((folder) => {
      let count = 0;
      if (folder.folderClass === 'IPF.Note') for (const item of folder.items.values()) count += item.isRead ? 0 : 1;
      return count;
    }),
  ),
  ...Object.fromEntries(
    Object.entries(wellKnown).map(([name, id]) => [
      name,
      onRoot(({ place }) => folderUrl(place, place.mailbox.wellKnown(id))),
    ]),
  ),
  msgfolderroot: onRoot(({ place }) => `${place.base}/`),
  sendmsg: onRoot(({ place }) => `${place.base}/%23%23DavMailSubmissionURI%23%23/`),
};

export const mailheaderProperties: PropertyTable = {
  subject: alias(message.subject),
  to: recipients('to'),
  cc: recipients('cc'),
  bcc: recipients('bcc'),
  importance: words(message.importance, importanceWords),
  'message-id': alias(message.internetMessageId),
  from: httpmailProperties.from as DavProperty,
  date: httpmailProperties.date as DavProperty,
};

export const generalMapiProperties: PropertyTable = {
  reminderset: alias(message.reminderIsSet),
  reminderdelta: alias(message.reminderMinutes),
  remindertime: alias(message.reminderTime),
  remindernexttime: alias(message.reminderSignalTime),
  sensitivity: alias(message.sensitivity),
  subject: alias(message.subject),
  commonstart: alias(message.commonStart),
  commonend: alias(message.commonEnd),
  sideeffects: alias(named(propertySets.Common, 0x8510, 'Integer')),
  private: alias(message.isPrivate),
  mileage: alias(message.mileage),
  billing: alias(message.billing),
  companies: alias(message.companies),
  contacts: alias(message.contacts),
  allattendeesstring: alias(named(propertySets.Appointment, 0x8238, 'String')),
  response_requested: alias(tagged(0x0063, 'Boolean')),
};
