/** From a URL to what it names, in the mailbox it names (reference on Exchange 2007, section 1.1). */
import type { Folder } from '../../truth/folder.ts';
import type { Attachment } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import type { Truth } from '../../truth/truth.ts';
import { readFlatName } from './identity.ts';
import { itemNamed } from './item-names.ts';
import { decodeSegment, nonIpmName, type Place, type Resource, visibleChildren } from './resource.ts';

/** URLs longer than this many characters are refused. */
export const urlLengthMax = 16_384;

/** What a URL names. */
export type Location =
  | { readonly kind: 'found'; readonly resource: Resource; readonly isPermanent: boolean }
  /** Nothing has this name; a new item or folder would get it. */
  | { readonly kind: 'free'; readonly place: Place; readonly parent: Folder; readonly name: string }
  /** A file inside an item, such as the picture of a contact; undefined when the item has none of that name. */
  | {
      readonly kind: 'part';
      readonly resource: Extract<Resource, { kind: 'item' }>;
      readonly name: string;
      readonly attachment: Attachment | undefined;
    }
  /** The folder it would be in does not exist. */
  | { readonly kind: 'nowhere'; readonly place: Place | undefined }
  | { readonly kind: 'public' };

/** The mailbox segment of a path, as the client wrote it; undefined outside `/exchange`. */
export function mailboxSegment(path: string): string | undefined {
  return /^\/exchange\/([^/]+)/i.exec(path)?.[1];
}

/** The mailbox that a segment names: any address, or what stands before the @ of the organisation's own. */
export function mailboxOfSegment(segment: string, truth: Truth, domain: string): Mailbox | undefined {
  const name = decodeSegment(segment);
  if (name === undefined) return undefined;
  return truth.mailbox(name.includes('@') ? name : `${name}@${domain}`);
}

/** What places are found with. */
export interface Surroundings {
  readonly truth: Truth;
  /** Mail domain that short names of mailboxes belong to. */
  readonly domain: string;
  readonly serverName: string;
}

/** Finds what a path names. `origin` is `https://host` of the request. */
export function locate(path: string, origin: string, { truth, domain, serverName }: Surroundings): Location {
  if (/^\/public(\/|$)/i.test(path)) return { kind: 'public' };
  const segment = mailboxSegment(path);
  const mailbox = segment === undefined ? undefined : mailboxOfSegment(segment, truth, domain);
  if (segment === undefined || mailbox === undefined) return { kind: 'nowhere', place: undefined };
  const virtual = path.slice(0, '/exchange'.length);
  const place: Place = { mailbox, base: `${origin}${virtual}/${segment}`, server: serverName };
  const rest = path.slice(virtual.length + 1 + segment.length);
  const names = rest
    .split('/')
    .filter((one) => one !== '')
    .map(decodeSegment);
  if (names.includes(undefined)) return { kind: 'nowhere', place };
  return walk(place, names as readonly string[]);
}

function walk(place: Place, names: readonly string[]): Location {
  const { mailbox } = place;
  if (names[0] === '-FlatUrlSpace-') return permanent(place, names.slice(1));
  const isHidden = names[0]?.toUpperCase() === nonIpmName;
  let folder = mailbox.wellKnown(isHidden ? 'root' : 'msgfolderroot');
  const path = isHidden ? names.slice(1) : names;
  for (const [index, name] of path.entries()) {
    const below = childNamed(folder, name);
    if (below !== undefined) {
      folder = below;
      continue;
    }
    return inFolder(place, folder, name, path.slice(index + 1));
  }
  return { kind: 'found', resource: { kind: 'folder', place, folder }, isPermanent: false };
}

function inFolder(place: Place, folder: Folder, name: string, further: readonly string[]): Location {
  const item = itemNamed(folder, name);
  if (item === undefined) {
    return further.length === 0 ? { kind: 'free', place, parent: folder, name } : { kind: 'nowhere', place };
  }
  const resource = { kind: 'item', place, view: { item, occurrence: undefined } } as const;
  const [part] = further;
  if (part === undefined) return { kind: 'found', resource, isPermanent: false };
  if (further.length > 1) return { kind: 'nowhere', place };
  const attachment = item.attachments.find((one) => one.name.toLowerCase() === part.toLowerCase());
  return { kind: 'part', resource, name: part, attachment };
}

/** A folder directly below another, by name in any case. */
export function childNamed(folder: Folder, name: string): Folder | undefined {
  const wanted = name.toLowerCase();
  return visibleChildren(folder).find((one) => one.name.toLowerCase() === wanted);
}

/** `-FlatUrlSpace-/<folder>[/<item>]`. */
function permanent(place: Place, [folderName, itemName, more]: readonly string[]): Location {
  const { mailbox } = place;
  const folderCounter = folderName === undefined ? undefined : readFlatName(mailbox, folderName);
  const folder = folderCounter === undefined ? undefined : mailbox.folders.get(folderCounter);
  if (folder === undefined || more !== undefined) return { kind: 'nowhere', place };
  if (itemName === undefined) {
    return { kind: 'found', resource: { kind: 'folder', place, folder }, isPermanent: true };
  }
  const counter = readFlatName(mailbox, itemName);
  const item = counter === undefined ? undefined : mailbox.item(folder.counter, counter);
  if (item === undefined) return { kind: 'nowhere', place };
  return {
    kind: 'found',
    resource: { kind: 'item', place, view: { item, occurrence: undefined } },
    isPermanent: true,
  };
}
