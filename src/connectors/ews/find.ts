/** Finding items by their link key: a FindItem restriction on the named property. */
import type { LinkKey, RemoteId, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import { linkKeyUri } from './mapping/link-key.ts';
import { buildFindItem, type FindItemInput, readFindItem } from './operations/find-item.ts';
import { readOne } from './single.ts';

/** A key stands on one item, and on the copies a user made of it. */
const pageItemsMax = 100;
const pagesMax = 50;

/** All items that carry the key now. The comparison of the server does not regard case, so keys are lower case. */
export async function findItems(mailbox: Mailbox, kind: Kind, key: LinkKey): Promise<Reply<readonly RemoteId[]>> {
  const property = linkKeyUri(mailbox.settings.linkKeyName);
  const ids = new Set<RemoteId>();
  let offset: number | undefined = 0;
  for (let page = 0; offset !== undefined; page += 1) {
    if (page === pagesMax) return { ok: false, fault: fault('server.garbled', 'The search does not come to an end.') };
    const input: FindItemInput = {
      folder: mailbox.mappings[kind].folder,
      owner: mailbox.owner,
      property,
      value: key,
      offset,
      pageItemsMax,
    };
    const found = await readOne(mailbox, buildFindItem(input), (response) => readFindItem(response, input));
    if (!found.ok) return { ok: false, fault: found.trouble.fault };
    for (const id of found.value.ids) ids.add(id);
    offset = found.value.nextOffset;
  }
  return { ok: true, value: [...ids] };
}
