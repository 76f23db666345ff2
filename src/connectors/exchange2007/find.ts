/**
 * Finding items by their link key. What comes back is looked at again, because a server that passes over the condition would
 * make every item of the folder a copy of the one looked for.
 */
import type { LinkKey, RemoteId, Reply } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import { idProperty, permanentProperty } from './folder.ts';
import type { Mailbox } from './mailbox.ts';
import { linkKeyOf } from './mapping/mapping.ts';
import { dav } from './operations/property.ts';
import { allOf, isFlag, isText } from './operations/search.ts';

/** All items that carry the key now. The comparison of the server does not regard case, so keys are lower case. */
export async function findItems(mailbox: Mailbox, kind: Kind, key: LinkKey): Promise<Reply<readonly RemoteId[]>> {
  const folder = await mailbox.folder(kind);
  if (!folder.ok) return { ok: false, fault: folder.trouble.fault };
  const ids = new Set<RemoteId>();
  const query = {
    folder: folder.value.path,
    select: [idProperty, permanentProperty, mailbox.linkKey],
    where: allOf(isText(mailbox.linkKey, key), isFlag(dav('isfolder', 'boolean'), false)),
  };
  const rows = await folder.value.rows(query, ({ found }) => {
    folder.value.learn(found);
    const id = found.text(idProperty)?.trim();
    if (id !== undefined && linkKeyOf(found, mailbox.linkKey) === key) ids.add(id);
    return true;
  });
  return rows.ok ? { ok: true, value: [...ids] } : { ok: false, fault: rows.trouble.fault };
}
