/** SyncFolderHierarchy ([MS-OXWSSYNC] 3.1.4.1): folders made, changed and removed below a root. Item counts are no change. */
import { child, childText } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { folderMarkup, readFolderShape } from '../folders.ts';
import { folderIdText } from '../ids.ts';
import { errorContent, responseMessages, successMessage } from '../messages.ts';
import { resolveFolderIn } from '../resolve.ts';
import { emptyState, readSyncState, writeSyncState } from '../sync-state.ts';
import { below } from './find-folder.ts';

export function syncFolderHierarchy(call: Call): string {
  try {
    return responseMessages([successMessage('SyncFolderHierarchy', answer(call))]);
  } catch (error) {
    if (!(error instanceof EwsError) || error.code !== 'ErrorInvalidSyncStateData') throw error;
    const content = `${errorContent(error)}<m:SyncState/><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>`;
    return responseMessages([
      `<m:SyncFolderHierarchyResponseMessage ResponseClass="Error">${content}</m:SyncFolderHierarchyResponseMessage>`,
    ]);
  }
}

function answer(call: Call): string {
  const { request, mailbox } = call;
  const shape = readFolderShape(child(request, 'FolderShape'), call, false);
  const wrapper = child(request, 'SyncFolderId');
  const root =
    wrapper === undefined
      ? mailbox.wellKnown('msgfolderroot')
      : resolveFolderIn(wrapper, call, 'ErrorSyncFolderNotFound');
  // "No root" and "root" are different scopes although they mean the same folder.
  const scope = wrapper === undefined ? 0 : root.counter;
  const text = childText(request, 'SyncState')?.trim();
  const state = text ? readSyncState(text) : emptyState('hierarchy', mailbox.guid, scope);
  if (state?.scope !== 'hierarchy' || state.guid !== mailbox.guid || state.folder !== scope) {
    throw new EwsError('ErrorInvalidSyncStateData');
  }
  let changes = '';
  for (const folder of below(root)) {
    if (folder.change <= state.seenTo) continue;
    const kind = folder.counter <= state.knownTo ? 'Update' : 'Create';
    changes += `<t:${kind}>${folderMarkup(folder, shape)}</t:${kind}>`;
  }
  for (const { counter, change } of mailbox.removedFolders) {
    if (change <= state.seenTo || counter > state.knownTo) continue;
    changes += `<t:Delete><t:FolderId Id="${folderIdText(mailbox, counter)}" ChangeKey="AQAAAA=="/></t:Delete>`;
  }
  const next = writeSyncState({ ...state, seenTo: mailbox.change, knownTo: mailbox.counter }, call.server.ports.random);
  return `<m:SyncState>${next}</m:SyncState><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>${changes === '' ? '<m:Changes/>' : `<m:Changes>${changes}</m:Changes>`}`;
}
