/**
 * New items. An item's address is its link key, so that the same create cannot succeed twice: a second one meets the first
 * and says so, whatever became of its answer.
 */
import type { Create, WriteOutcome, Written } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import { finishWrite } from './edit-message.ts';
import { findItems } from './find.ts';
import { type Folder, idProperty } from './folder.ts';
import type { Mailbox } from './mailbox.ts';
import type { ItemWrite, MappingContext } from './mapping/mapping.ts';
import { readMultistatus } from './operations/multistatus.ts';
import { buildPropfind } from './operations/propfind.ts';
import { pathSegment } from './options.ts';
import { failedWrite, rejected, unknown } from './outcome.ts';
import { classify } from './transport/classify.ts';
import type { DavResponse } from './transport/session.ts';
import { patch } from './write.ts';

/** One outcome per create, in order. */
export async function createItems(
  mailbox: Mailbox,
  kind: Kind,
  creates: readonly Create[],
): Promise<readonly WriteOutcome<Written>[]> {
  const context = await mailbox.context();
  if (!context.ok) return creates.map(() => rejected(context.trouble.fault));
  const folder = await mailbox.folder(kind);
  if (!folder.ok) return creates.map(() => rejected(folder.trouble.fault));
  return Promise.all(creates.map((create) => createItem(mailbox, kind, folder.value, create, context.value)));
}

/** Names tried for one item: its key, then its key with a number. */
const namesMax = 4;
const preconditionFailed = 412;

async function createItem(
  mailbox: Mailbox,
  kind: Kind,
  folder: Folder,
  { item, linkKey }: Create,
  context: MappingContext,
): Promise<WriteOutcome<Written>> {
  const built = mailbox.mapping(kind).create(item, context);
  if (!built.ok) return rejected(built.fault);
  const changes = [...built.value.changes, { property: mailbox.linkKey, value: linkKey }];
  for (let name = 1; ; name += 1) {
    const path = `${folder.path}${pathSegment(linkKey)}${name === 1 ? '' : `-${name}`}.EML`;
    const result = await patch(mailbox, path, changes, undefined);
    if (result.kind === 'done') return created(mailbox, path, result.response, { ...built.value, changes });
    if (result.trouble.status !== preconditionFailed || result.refused !== undefined)
      return failedWrite(result.trouble);
    // The name is taken: by our own earlier try, or by what somebody made of an item with this key.
    const carriers = await findItems(mailbox, kind, linkKey);
    if (!carriers.ok) return unknown(carriers.fault);
    if (carriers.value.length > 0) return unknown(fault('item.conflict', 'There is an item with this key already.'));
    if (name === namesMax) return rejected(fault('item.conflict', 'All names for the new item are taken.'));
  }
}

/** Id and version of the new item, by the headers of the answer or by asking. Without all of it, it is neither done nor refused. */
async function created(
  mailbox: Mailbox,
  path: string,
  response: DavResponse,
  write: ItemWrite,
): Promise<WriteOutcome<Written>> {
  const version = await finishWrite(mailbox, path, response, write);
  if (!version.ok) return unknown(version.trouble.fault);
  const told = response.headers['repl-uid'];
  const id = typeof told === 'string' ? /rid:[0-9a-f]+/i.exec(told)?.[0].toLowerCase() : undefined;
  if (id !== undefined) return { kind: 'applied', value: { id, version: version.value } };
  const answer = await mailbox.session.call(buildPropfind(path, 'item', [idProperty]));
  if (!answer.ok) return unknown(answer.trouble.fault);
  const [shown] = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
  const asked = shown?.found.text(idProperty)?.trim();
  if (asked !== undefined) return { kind: 'applied', value: { id: asked, version: version.value } };
  return unknown(classify({ kind: 'missing', operation: 'PROPFIND' }, mailbox.now()).fault);
}
