/**
 * Changing items: the stored item is read, because much of an item hangs together, its version is compared, and the changes
 * go out on condition that it is still that version.
 */
import type { Update, WriteOutcome, Written } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import { finishWrite, readCalendarPart } from './edit-message.ts';
import type { Mailbox } from './mailbox.ts';
import { linkKeyOf, type MappingContext } from './mapping/mapping.ts';
import { Properties, type RefusedProperty } from './operations/multistatus.ts';
import type { PropertyChange } from './operations/property.ts';
import { pathSegment } from './options.ts';
import { failedWrite, rejected, unknown } from './outcome.ts';
import { type Outcome, readProperties } from './read.ts';
import { versionIn } from './version.ts';
import { mentions, patch } from './write.ts';

/** One outcome per update, in order. */
export async function updateItems(
  mailbox: Mailbox,
  kind: Kind,
  updates: readonly Update[],
): Promise<readonly WriteOutcome<Written>[]> {
  const context = await mailbox.context();
  if (!context.ok) return updates.map(() => rejected(context.trouble.fault));
  const folder = await mailbox.folder(kind);
  if (!folder.ok) return updates.map(() => rejected(folder.trouble.fault));
  const paths = await folder.value.pathsOf(updates.map(({ id }) => id));
  if (!paths.ok) return updates.map(() => rejected(paths.trouble.fault));
  // A key alone needs nothing of the item but its version, which the server compares.
  const touching = updates.filter(({ paths: asked }) => asked.length > 0);
  const stored = await readProperties(
    mailbox,
    kind,
    touching.map(({ id }) => id),
    [...mailbox.mapping(kind).properties, mailbox.linkKey],
  );
  if (!stored.ok) return updates.map(() => rejected(stored.trouble.fault));
  const known = new Map(touching.map((update, index) => [update, stored.value[index] as Outcome<Properties>]));
  return Promise.all(
    updates.map((update, index) => {
      const path = paths.value[index];
      if (path === undefined) return rejected(fault('item.gone', 'The item is no longer there.'));
      return updateItem(mailbox, kind, { folder: folder.value.path, path }, update, known.get(update), context.value);
    }),
  );
}

async function updateItem(
  mailbox: Mailbox,
  kind: Kind,
  { folder, path }: { readonly folder: string; readonly path: string },
  update: Update,
  stored: Outcome<Properties> | undefined,
  context: MappingContext,
): Promise<WriteOutcome<Written>> {
  const { id, version, linkKey } = update;
  if (stored?.kind === 'trouble') return rejected(stored.trouble.fault);
  if (stored !== undefined && versionIn(stored.value) !== version) return rejected(conflict);
  const known = stored?.value ?? new Properties();
  const built = mailbox.mapping(kind).update(update, context, known);
  if (!built.ok) return rejected(built.fault);
  const { editCalendar, aside } = built.value;
  // What goes through a message may lose the key, so it is said again.
  const stamp = linkKey ?? (editCalendar === undefined ? undefined : linkKeyOf(known, mailbox.linkKey));
  const key: readonly PropertyChange[] = stamp === undefined ? [] : [{ property: mailbox.linkKey, value: stamp }];
  const write = { ...built.value, changes: [...built.value.changes, ...key] };
  if (write.changes.length === 0) return { kind: 'applied', value: { id, version } };
  if (editCalendar !== undefined) {
    const part = await readCalendarPart(mailbox, path);
    if (!part.ok) return failedWrite(part.trouble);
  }
  if (aside !== undefined) {
    const made = await patch(mailbox, `${folder}${pathSegment(aside.name)}.EML`, aside.changes, undefined);
    // Made by an earlier try already.
    if (made.kind === 'failed' && made.trouble.status !== preconditionFailed) return failedWrite(made.trouble);
  }
  const result = await patch(mailbox, path, write.changes, version);
  if (result.kind === 'done') {
    const now = await finishWrite(mailbox, path, result.response, write);
    return now.ok ? { kind: 'applied', value: { id, version: now.value } } : unknown(now.trouble.fault);
  }
  const { refused } = result;
  // What was put aside is written already.
  const trouble = { ...result.trouble, certain: result.trouble.certain && aside === undefined };
  if (refused === undefined) return failedWrite(trouble);
  return failedWrite({ ...trouble, fault: withPath(mailbox, kind, update, refused, known, context, trouble.fault) });
}

const preconditionFailed = 412;

const conflict = fault('item.conflict', 'The item was changed in the meantime.');

/** The canonical path that leads to the refused property, found by building each path alone. */
function withPath(
  mailbox: Mailbox,
  kind: Kind,
  update: Update,
  refused: RefusedProperty,
  stored: Properties,
  context: MappingContext,
  reason: Fault,
): Fault {
  const path = update.paths.find((one) => {
    const built = mailbox.mapping(kind).update({ ...update, paths: [one] }, context, stored);
    return built.ok && mentions(built.value.changes, refused);
  });
  return path === undefined ? reason : { ...reason, path };
}
