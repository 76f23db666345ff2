/** The change feed: SyncFolderItems with ids only. The cursor is the server's SyncState. */
import type { Change, ChangePage, Cursor, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Found, Mailbox } from './mailbox.ts';
import { buildGetFolder, readOnlyFolder } from './operations/get-folder.ts';
import {
  buildSyncFolderItems,
  readSyncFolderItems,
  type SyncChange,
  type SyncPage,
} from './operations/sync-folder-items.ts';
import { readOne } from './single.ts';
import type { Trouble } from './transport/classify.ts';

/** Smaller and smaller pages are tried this often while the server runs out of time. */
const triesMax = 5;

/** One page after `cursor`; null lists the folder. */
export async function changesAfter(mailbox: Mailbox, kind: Kind, cursor: Cursor | null): Promise<Reply<ChangePage>> {
  const found = await pageAfter(mailbox, kind, cursor);
  if (!found.ok) return { ok: false, fault: found.trouble.fault };
  const page = found.value;
  // Seen in practice: the state no longer moves although the server says there is more. Nothing more will come.
  const stuck = !page.last && page.syncState === cursor;
  if (stuck) mailbox.ports.log({ level: 'warn', event: 'ews.syncStateStuck', kind });
  if (cursor === null && !page.changes.some(({ kind }) => kind === 'present')) {
    const doubt = await doubtAboutEmptiness(mailbox, kind);
    if (doubt !== undefined) return { ok: false, fault: doubt.fault };
  }
  return {
    ok: true,
    value: { changes: page.changes.map(changeOf), cursor: page.syncState, complete: page.last || stuck },
  };
}

async function pageAfter(mailbox: Mailbox, kind: Kind, cursor: Cursor | null): Promise<Found<SyncPage>> {
  const { folder } = mailbox.mappings[kind];
  for (let tries = 1; ; tries += 1) {
    const input = {
      folder,
      owner: mailbox.owner,
      syncState: cursor ?? undefined,
      pageItemsMax: mailbox.pageSize.items,
    };
    const found = await readOne(mailbox, buildSyncFolderItems(input), readSyncFolderItems);
    if (found.ok || found.trouble.fault.code !== 'server.timeout' || tries === triesMax) return found;
    mailbox.pageSize.shrink();
  }
}

function changeOf(change: SyncChange): Change {
  return change.kind === 'gone' ? change : { kind: 'present', id: change.id, version: change.changeKey ?? '' };
}

/** An empty first listing is believed only of a folder that says it is empty. */
async function doubtAboutEmptiness(mailbox: Mailbox, kind: Kind): Promise<Trouble | undefined> {
  const request = buildGetFolder([mailbox.mappings[kind].folder], mailbox.owner);
  const folder = await readOne(mailbox, request, readOnlyFolder);
  if (!folder.ok) return folder.trouble;
  if ((folder.value.items ?? 0) === 0) return undefined;
  return { fault: fault('server.garbled', 'The folder has items but its listing is empty.'), certain: true };
}
