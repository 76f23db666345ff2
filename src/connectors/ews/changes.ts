/** The change feed: SyncFolderItems with ids only. The cursor is the server's SyncState. */
import type { Change, ChangePage, Cursor, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import { buildGetFolder, readGetFolder } from './operations/get-folder.ts';
import { buildSyncFolderItems, readSyncFolderItems, type SyncChange } from './operations/sync-folder-items.ts';
import { classify, type Trouble } from './transport/classify.ts';

/** One page after `cursor`; null lists the folder. */
export async function changesAfter(mailbox: Mailbox, kind: Kind, cursor: Cursor | null): Promise<Reply<ChangePage>> {
  const { folder } = mailbox.mappings[kind];
  const answer = await mailbox.session.call(
    buildSyncFolderItems({
      folder,
      owner: mailbox.owner,
      syncState: cursor ?? undefined,
      pageItemsMax: mailbox.settings.pageItemsMax,
    }),
  );
  if (!answer.ok) return refused(answer.trouble);
  const entry = readSyncFolderItems(answer.element);
  if (entry.kind !== 'value') return refused(classify(entry, mailbox.now()));
  const page = entry.value;
  // Seen in practice: the state no longer moves although the server says there is more. Nothing more will come.
  const stuck = !page.last && page.syncState === cursor;
  if (stuck) mailbox.ports.log({ level: 'warn', event: 'ews.syncStateStuck', kind });
  if (cursor === null && page.changes.length === 0) {
    const doubt = await doubtAboutEmptiness(mailbox, kind);
    if (doubt !== undefined) return refused(doubt);
  }
  return {
    ok: true,
    value: { changes: page.changes.map(changeOf), cursor: page.syncState, complete: page.last || stuck },
  };
}

function changeOf(change: SyncChange): Change {
  return change.kind === 'gone' ? change : { kind: 'present', id: change.id, version: change.changeKey ?? '' };
}

/** A folder that does not exist, by whatever code this server says so, is never "everything was deleted". */
function refused(trouble: Trouble): Reply<never> {
  if (trouble.fault.code !== 'item.gone') return { ok: false, fault: trouble.fault };
  return {
    ok: false,
    fault: { ...trouble.fault, code: 'mailbox.folderGone', message: 'The folder is no longer there.' },
  };
}

/** An empty first listing is believed only of a folder that says it is empty. */
async function doubtAboutEmptiness(mailbox: Mailbox, kind: Kind): Promise<Trouble | undefined> {
  const answer = await mailbox.session.call(buildGetFolder([mailbox.mappings[kind].folder], mailbox.owner));
  if (!answer.ok) return answer.trouble;
  const [entry] = readGetFolder(answer.element, 1);
  if (entry?.kind !== 'value') return classify(entry ?? { kind: 'missing', operation: 'GetFolder' }, mailbox.now());
  if ((entry.value.items ?? 0) === 0) return undefined;
  return { fault: fault('server.garbled', 'The folder has items but its listing is empty.'), certain: true };
}
