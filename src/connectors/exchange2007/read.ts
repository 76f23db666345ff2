/**
 * Reading items by id: BPROPFIND in batches, one by one where that is not let through or one item makes the server fail. An
 * item is handed on whole or as failed, never with a part missing: the missing part would read as cleared by the user.
 */
import type { ReadOutcome, RemoteId, Reply, Snapshot } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import { isOfClass } from '../mapi/item-class.ts';
import { readCalendarPart } from './edit-message.ts';
import { type Folder, idProperty } from './folder.ts';
import type { Mailbox } from './mailbox.ts';
import { itemClassProperty } from './mapping/base.ts';
import { linkKeyOf, type MappingContext, type ReadMapping } from './mapping/mapping.ts';
import { parentPath, pathOfHref } from './operations/href.ts';
import { type Properties, type ResourceStatus, readMultistatus } from './operations/multistatus.ts';
import { dav, type Property } from './operations/property.ts';
import { buildBatchPropfind, buildPropfind } from './operations/propfind.ts';
import { concernsAll, type Found } from './outcome.ts';
import { classify, type Trouble } from './transport/classify.ts';
import { entityTagProperty, resourceTagProperty, versionIn } from './version.ts';

export type Outcome<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

/** One outcome per id, in order. */
export async function readItems(
  mailbox: Mailbox,
  kind: Kind,
  ids: readonly RemoteId[],
): Promise<Reply<readonly ReadOutcome[]>> {
  const context = await mailbox.context();
  if (!context.ok) return { ok: false, fault: context.trouble.fault };
  const found = await readProperties(mailbox, kind, ids, [...mailbox.mapping(kind).properties, mailbox.linkKey]);
  if (!found.ok) return { ok: false, fault: found.trouble.fault };
  const outcomes = await Promise.all(
    found.value.map((outcome, index) => readOutcome(mailbox, kind, ids[index] as RemoteId, outcome, context.value)),
  );
  // Trouble on the way to a calendar is nobody's own.
  const common = outcomes.find((one) => one.kind === 'failed' && concernsAll({ fault: one.fault, certain: true }));
  return common?.kind === 'failed' ? { ok: false, fault: common.fault } : { ok: true, value: outcomes };
}

async function readOutcome(
  mailbox: Mailbox,
  kind: Kind,
  id: RemoteId,
  outcome: Outcome<Properties>,
  context: MappingContext,
): Promise<ReadOutcome> {
  if (outcome.kind === 'trouble') {
    const reason = outcome.trouble.fault;
    return reason.code === 'item.gone' ? { kind: 'gone', id } : { kind: 'failed', id, fault: reason };
  }
  const found = outcome.value;
  const mapping = mailbox.mapping(kind);
  const itemClass = found.text(itemClassProperty)?.trim() ?? '';
  if (itemClass !== '' && !isOfClass(itemClass, mapping.itemClass)) {
    return {
      kind: 'failed',
      id,
      fault: fault('item.unsupported', `Items of class ${itemClass} are not kept the same.`),
    };
  }
  const version = versionIn(found);
  if (version === undefined)
    return { kind: 'failed', id, fault: fault('item.unreadable', 'The item has no entity tag.') };
  const read = await readWhole(mailbox, kind, id, found, context);
  if (!read.ok) return { kind: 'failed', id, fault: read.fault };
  const linkKey = linkKeyOf(found, mailbox.linkKey);
  const snapshot: Snapshot = { id, version, item: read.value, ...(linkKey !== undefined && { linkKey }) };
  return { kind: 'present', snapshot };
}

/** The item with what only its calendar says. */
async function readWhole(
  mailbox: Mailbox,
  kind: Kind,
  id: RemoteId,
  found: Properties,
  context: MappingContext,
): Promise<ReadMapping> {
  const mapping = mailbox.mapping(kind);
  const read = mapping.read(found, context);
  if (!read.ok || mapping.needsCalendar?.(found) !== true || mapping.withCalendar === undefined) return read;
  const folder = await mailbox.folder(kind);
  const paths = folder.ok ? await folder.value.pathsOf([id]) : folder;
  const path = paths.ok ? paths.value[0] : undefined;
  if (path === undefined) return { ok: false, fault: fault('item.unreadable', 'The item has no address any more.') };
  const part = await readCalendarPart(mailbox, path);
  if (!part.ok) return { ok: false, fault: part.trouble.fault };
  return mapping.withCalendar(read.value, found, part.value.lines, context);
}

/** Properties of items by id, one outcome per id. Trouble that is not about single items is the answer for all. */
export async function readProperties(
  mailbox: Mailbox,
  kind: Kind,
  ids: readonly RemoteId[],
  properties: readonly Property[],
): Promise<Found<readonly Outcome<Properties>[]>> {
  if (ids.length === 0) return { ok: true, value: [] };
  const folder = await mailbox.folder(kind);
  if (!folder.ok) return folder;
  const paths = await folder.value.pathsOf(ids);
  if (!paths.ok) return paths;
  const wanted = [...properties, idProperty, entityTagProperty, resourceTagProperty];
  const outcomes: Outcome<Properties>[] = ids.map(() => gone);
  const present = ids.map((_, index) => index).filter((index) => paths.value[index] !== undefined);
  const { readBatch } = mailbox.settings;
  for (let from = 0; from < present.length; from += readBatch) {
    const part = present.slice(from, from + readBatch);
    const targets = part.map((index) => ({ id: ids[index] as RemoteId, path: paths.value[index] as string }));
    const read = await readPart(mailbox, folder.value, targets, wanted);
    if (!read.ok) return read;
    part.forEach((index, position) => {
      outcomes[index] = read.value[position] as Outcome<Properties>;
    });
  }
  // What is missing from a folder that is missing itself was not deleted.
  if (outcomes.some(isGone)) {
    const answer = await mailbox.session.call(buildPropfind(folder.value.path, 'folder', [dav('displayname')]));
    if (!answer.ok) return answer;
  }
  return { ok: true, value: outcomes };
}

const gone: Outcome<never> = {
  kind: 'trouble',
  trouble: { fault: fault('item.gone', 'The item is no longer there.'), certain: true },
};

function isGone(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'trouble' && outcome.trouble.fault.code === 'item.gone';
}

interface Target {
  readonly id: RemoteId;
  readonly path: string;
}

async function readPart(
  mailbox: Mailbox,
  folder: Folder,
  targets: readonly Target[],
  properties: readonly Property[],
): Promise<Found<readonly Outcome<Properties>[]>> {
  const together =
    targets.length > 1 && mailbox.readsBatches ? await readTogether(mailbox, targets, properties) : undefined;
  if (together !== undefined && !together.ok) return together;
  const outcomes = await Promise.all(
    targets.map((target, index) => together?.value[index] ?? readAlone(mailbox, target, properties)),
  );
  return settled(mailbox, folder, outcomes);
}

/** Answers that say that the verb is not let through, not that anything is wrong with the items. */
const verbRefusals: ReadonlySet<number | undefined> = new Set([400, 403, 404, 405, 501]);

/** Undefined entries, or no answer at all, are left for reading alone. */
async function readTogether(
  mailbox: Mailbox,
  targets: readonly Target[],
  properties: readonly Property[],
): Promise<Found<readonly (Outcome<Properties> | undefined)[]> | undefined> {
  const { endpoint } = mailbox.settings;
  const collection = parentPath(targets[0]?.path ?? '/');
  const urls = targets.map(({ path }) => endpoint.origin + path);
  const answer = await mailbox.session.call(buildBatchPropfind(collection, urls, properties));
  if (!answer.ok) {
    const { trouble } = answer;
    if (verbRefusals.has(trouble.status)) mailbox.readSingly(trouble.status);
    else if (!mayBeOneItem(trouble)) return answer;
    return undefined;
  }
  const responses = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
  const byId = new Map<string, ResourceStatus>();
  const byPath = new Map<string, ResourceStatus>();
  for (const response of responses) {
    byId.set(response.found.text(idProperty)?.trim() ?? '', response);
    byPath.set(pathOfHref(response.href) ?? '', response);
  }
  return {
    ok: true,
    value: targets.map(({ id, path }) => {
      const response = byId.get(id) ?? byPath.get(pathOfHref(path) ?? path);
      return response && outcomeOf(response, id);
    }),
  };
}

async function readAlone(
  mailbox: Mailbox,
  { id, path }: Target,
  properties: readonly Property[],
): Promise<Outcome<Properties>> {
  const answer = await mailbox.session.call(buildPropfind(path, 'item', properties));
  if (!answer.ok) return { kind: 'trouble', trouble: answer.trouble };
  const [response] = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
  if (response !== undefined) return outcomeOf(response, id);
  return { kind: 'trouble', trouble: classify({ kind: 'missing', operation: 'PROPFIND' }, mailbox.now()) };
}

function outcomeOf(response: ResourceStatus, id: RemoteId): Outcome<Properties> {
  const { status, found, refused } = response;
  if (status !== undefined && status >= 300) {
    return { kind: 'trouble', trouble: classify({ kind: 'part', status, subject: 'item' }, 0) };
  }
  if (refused.length > 0) {
    return unreadable('The server does not hand out a property of this item.', `HTTP ${refused[0]?.status}`);
  }
  const answered = found.text(idProperty)?.trim();
  if (answered === id) return { kind: 'value', value: found };
  return unreadable('The server answered with another item than asked for.', answered ?? 'no id');
}

function unreadable(message: string, source: string | undefined): Outcome<never> {
  const more = source === undefined ? {} : { source };
  return { kind: 'trouble', trouble: { fault: fault('item.unreadable', message, more), certain: true } };
}

/** The server may crash on one item of a request, time out over it or write what is no XML. */
function mayBeOneItem({ fault: { code } }: Trouble): boolean {
  return code === 'server.failure' || code === 'server.garbled' || code === 'server.timeout';
}

/** More items than this do not break by themselves at once: then it is the server. */
const suspectsMax = 8;

/** What may be an item's own trouble is, when others were read or the server answers a harmless question. */
async function settled(
  mailbox: Mailbox,
  folder: Folder,
  outcomes: readonly Outcome<Properties>[],
): Promise<Found<readonly Outcome<Properties>[]>> {
  const suspects: Trouble[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'value' || !concernsAll(outcome.trouble)) continue;
    if (!mayBeOneItem(outcome.trouble)) return { ok: false, trouble: outcome.trouble };
    suspects.push(outcome.trouble);
  }
  const [first] = suspects;
  if (first === undefined) return { ok: true, value: outcomes };
  if (suspects.length > suspectsMax) return { ok: false, trouble: first };
  if (!outcomes.some(({ kind }) => kind === 'value')) {
    const answer = await mailbox.session.call(buildPropfind(folder.path, 'folder', [dav('displayname')]));
    if (!answer.ok) return { ok: false, trouble: first };
  }
  return { ok: true, value: outcomes.map(ownTrouble) };
}

function ownTrouble(outcome: Outcome<Properties>): Outcome<Properties> {
  if (outcome.kind === 'value' || !concernsAll(outcome.trouble)) return outcome;
  return unreadable('The server cannot hand out this item.', outcome.trouble.fault.source);
}
