/**
 * Removing items to Deleted Items. The version is compared before, and the move itself is conditional as well, because not
 * every server is known to look at the condition of a MOVE.
 */
import type { RemoteId, Remove, WriteOutcome } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import { lastSegment, pathOfHref } from './operations/href.ts';
import { buildMove } from './operations/move.ts';
import type { Properties } from './operations/multistatus.ts';
import { dav } from './operations/property.ts';
import { failedWrite, rejected, unknown } from './outcome.ts';
import { type Outcome, readProperties } from './read.ts';
import type { Trouble } from './transport/classify.ts';
import { versionIn } from './version.ts';

const done: WriteOutcome<null> = { kind: 'applied', value: null };
const hrefProperty = dav('href');
const preconditionFailed = 412;

/** One outcome per removal, in order. Already gone is applied. */
export async function removeItems(
  mailbox: Mailbox,
  kind: Kind,
  removes: readonly Remove[],
): Promise<readonly WriteOutcome<null>[]> {
  const deletedItems = await mailbox.deletedItems();
  if (!deletedItems.ok) return removes.map(() => rejected(deletedItems.trouble.fault));
  const destination = deletedItems.value;
  if (destination === undefined) {
    return removes.map(() => rejected(fault('mailbox.folderGone', 'The mailbox has no Deleted Items folder.')));
  }
  const ids = removes.map(({ id }) => id);
  const found = await readProperties(mailbox, kind, ids, [hrefProperty]);
  if (!found.ok) return removes.map(() => rejected(found.trouble.fault));
  const folder = await mailbox.folder(kind);
  const paths = folder.ok ? await folder.value.pathsOf(ids) : folder;
  if (!paths.ok) return removes.map(() => rejected(paths.trouble.fault));
  return Promise.all(
    removes.map((remove, index) =>
      removeItem(mailbox, kind, remove, paths.value[index], found.value[index] as Outcome<Properties>, destination),
    ),
  );
}

async function removeItem(
  mailbox: Mailbox,
  kind: Kind,
  { id, version }: Remove,
  path: string | undefined,
  found: Outcome<Properties>,
  destination: string,
): Promise<WriteOutcome<null>> {
  if (found.kind === 'trouble') {
    return found.trouble.fault.code === 'item.gone' ? done : rejected(found.trouble.fault);
  }
  if (versionIn(found.value) !== version || path === undefined) {
    return rejected(fault('item.conflict', 'The item was changed in the meantime.'));
  }
  const name = lastSegment(pathOfHref(found.value.text(hrefProperty)?.trim() ?? '') ?? path);
  const url = mailbox.settings.endpoint.origin + destination + (/\.eml$/i.test(name) ? name : `${name}.EML`);
  const answer = await mailbox.session.call(buildMove(path, url, version));
  if (answer.ok) return done;
  const { trouble } = answer;
  const isDoubtful = trouble.status === preconditionFailed || trouble.fault.code === 'item.gone';
  return isDoubtful ? looked(mailbox, kind, id, trouble) : failedWrite(trouble);
}

/**
 * What a refused move means: of an item that is not there no condition holds, and "not found" may be said of Deleted Items.
 * So the item is looked for.
 */
async function looked(mailbox: Mailbox, kind: Kind, id: RemoteId, trouble: Trouble): Promise<WriteOutcome<null>> {
  const found = await readProperties(mailbox, kind, [id], [hrefProperty]);
  if (!found.ok) return unknown(found.trouble.fault);
  const [outcome] = found.value;
  if (outcome?.kind === 'trouble') {
    return outcome.trouble.fault.code === 'item.gone' ? done : unknown(outcome.trouble.fault);
  }
  if (trouble.status === preconditionFailed) return failedWrite(trouble);
  return rejected(fault('mailbox.folderGone', 'The Deleted Items folder is not there.'));
}
