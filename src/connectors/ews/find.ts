/**
 * Finding items by their link key: a FindItem restriction on the named property. What comes back is looked at again, because
 * a server that passes over the restriction would make every item of the folder a copy of the one looked for.
 */
import type { LinkKey, RemoteId, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Found, Mailbox } from './mailbox.ts';
import { extendedProperty } from './mapping/extended.ts';
import { itemShape } from './mapping/field.ts';
import { linkKeyOf, linkKeyUri } from './mapping/link-key.ts';
import { buildFindItem, type FindItemInput, readFindItem } from './operations/find-item.ts';
import { itemKeyOf } from './operations/item-id.ts';
import { readElements } from './read.ts';
import { readOne } from './single.ts';

/** A key stands on one item, and on the copies a user made of it. */
const foundItemsMax = 100;
/** Of a whole folder at once (ews.md 9: EWSFindCountLimit). */
const listedItemsMax = 1000;
const pagesMax = 50;

/** All items that carry the key now. The comparison of the server does not regard case, so keys are lower case. */
export async function findItems(mailbox: Mailbox, kind: Kind, key: LinkKey): Promise<Reply<readonly RemoteId[]>> {
  let rows = await rowsOf(mailbox, kind, key, true);
  if (!rows.ok && rows.trouble.certain && rows.trouble.fault.code === 'defect.request') {
    mailbox.ports.log({ level: 'warn', event: 'ews.searchRefused', kind, code: rows.trouble.code });
    rows = await rowsOf(mailbox, kind, key, false);
  }
  const carriers = rows.ok ? await carriersOf(mailbox, kind, key, rows.value) : rows;
  return carriers.ok ? carriers : { ok: false, fault: carriers.trouble.fault };
}

/** Key by id; undefined where the answer does not tell it. */
type Rows = ReadonlyMap<RemoteId, LinkKey | undefined>;

async function rowsOf(mailbox: Mailbox, kind: Kind, key: LinkKey, isSearch: boolean): Promise<Found<Rows>> {
  const property = linkKeyUri(mailbox.settings.linkKeyName);
  const rows = new Map<RemoteId, LinkKey | undefined>();
  let offset: number | undefined = 0;
  for (let page = 0; offset !== undefined; page += 1) {
    if (page === pagesMax) return endless;
    const input: FindItemInput = {
      folder: mailbox.mappings[kind].folder,
      owner: mailbox.owner,
      property,
      value: key,
      isSearch,
      offset,
      pageItemsMax: isSearch ? foundItemsMax : listedItemsMax,
    };
    const found = await readOne(mailbox, buildFindItem(input), (response) => readFindItem(response, input));
    if (!found.ok) return found;
    for (const item of found.value.items) {
      const id = itemKeyOf(item)?.id;
      if (id !== undefined) rows.set(id, keyIn(mailbox, item));
    }
    offset = found.value.nextOffset;
  }
  return { ok: true, value: rows };
}

const endless: Found<never> = {
  ok: false,
  trouble: { fault: fault('server.garbled', 'The search does not come to an end.'), certain: true },
};

function keyIn(mailbox: Mailbox, item: XmlElement): LinkKey | undefined {
  for (const one of item.children) {
    if (one.name !== 'ExtendedProperty') continue;
    const key = linkKeyOf(extendedProperty(one), mailbox.settings.linkKeyName);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The ids that carry the key. A server that tells no keys in its rows is asked for them item by item. */
async function carriersOf(mailbox: Mailbox, kind: Kind, key: LinkKey, rows: Rows): Promise<Found<readonly RemoteId[]>> {
  const told = [...rows].filter(([, one]) => one !== undefined);
  const named = told.filter(([, one]) => one === key).map(([id]) => id);
  if (told.length > 0 || rows.size === 0) return { ok: true, value: named };
  const ids = [...rows.keys()];
  const shape = itemShape([], [linkKeyUri(mailbox.settings.linkKeyName)]);
  const elements = await readElements(mailbox, shape, ids, mailbox.readSize(kind));
  if (!elements.ok) return elements;
  const carriers: RemoteId[] = [];
  for (const [index, outcome] of elements.value.entries()) {
    if (outcome.kind === 'value') {
      if (keyIn(mailbox, outcome.value) === key) carriers.push(ids[index] as RemoteId);
    } else if (outcome.trouble.fault.code !== 'item.gone') return { ok: false, trouble: outcome.trouble };
  }
  return { ok: true, value: carriers };
}
