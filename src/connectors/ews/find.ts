/** Finding items by their link key: a FindItem restriction on the named property. */
import type { LinkKey, RemoteId, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import { linkKeyUri } from './mapping/link-key.ts';
import { buildFindItem, readFindItem } from './operations/find-item.ts';
import { classify } from './transport/classify.ts';

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
    const input = {
      folder: mailbox.mappings[kind].folder,
      owner: mailbox.owner,
      property,
      value: key,
      offset,
      pageItemsMax,
    };
    const answer = await mailbox.session.call(buildFindItem(input));
    if (!answer.ok) return { ok: false, fault: answer.trouble.fault };
    const entry = readFindItem(answer.element, input);
    if (entry.kind !== 'value') return { ok: false, fault: classify(entry, mailbox.now()).fault };
    for (const id of entry.value.ids) ids.add(id);
    offset = entry.value.nextOffset;
  }
  return { ok: true, value: [...ids] };
}
