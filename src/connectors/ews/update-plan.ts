/** What each update comes down to on the wire, after reading what must be known of the stored item. */
import type { Update, WriteOutcome } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { CalendarEvent, Kind } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import type { Outcome } from './batch.ts';
import type { Mailbox } from './mailbox.ts';
import { type ExceptionStep, exceptionSteps, seriesPaths } from './mapping/exceptions.ts';
import type { MappingContext } from './mapping/mapping.ts';
import { itemKeyOf } from './operations/item-id.ts';
import { readElements, readStored, type Stored } from './read.ts';
import { readKeys, rejected } from './write.ts';

export interface UpdatePlan {
  readonly kind: 'plan';
  /** With the paths that are really written. */
  readonly update: Update;
  readonly context: MappingContext;
  /** The stored item, where the mapping asked for it. */
  readonly element: XmlElement | undefined;
  /** Changes of the item itself; may be empty. */
  readonly changes: readonly Markup[];
  /** Occurrences to change after that. */
  readonly steps: readonly ExceptionStep[];
}

export type Planned = UpdatePlan | Extract<WriteOutcome<never>, { readonly kind: 'rejected' }>;

/** A plan or a refusal per update, in order. Nothing has been written yet, so every refusal is certain. */
export async function plansOf(mailbox: Mailbox, kind: Kind, updates: readonly Update[]): Promise<readonly Planned[]> {
  const found = await mailbox.context();
  if (!found.ok) return updates.map(() => refusal(found.trouble.fault));
  const known = new Map<Update, Known | Fault>();
  await knowSeries(mailbox, kind, updates.filter(touchesSeries), known);
  await knowElements(
    mailbox,
    kind,
    updates.filter((update) => !touchesSeries(update)),
    known,
  );
  await knowVersions(
    mailbox,
    updates.filter((update) => !known.has(update)),
    known,
  );
  return updates.map((update) => {
    const stored = known.get(update);
    if (stored !== undefined && 'code' in stored) return refusal(stored);
    return planOf(mailbox, kind, update, stored ?? {}, found.value);
  });
}

/** What was read of a stored item. */
interface Known {
  readonly element?: XmlElement;
  readonly series?: CalendarEvent;
}

function planOf(mailbox: Mailbox, kind: Kind, given: Update, known: Known, context: MappingContext): Planned {
  const { series: from, element } = known;
  const to = given.target;
  const update =
    from === undefined || to.kind !== 'event' ? given : { ...given, paths: seriesPaths(from, to, given.paths) };
  const changes = mailbox.mappings[kind].update(update, context, element);
  if (!changes.ok) return refusal(changes.fault);
  const plan = { kind: 'plan', update, context, element, changes: changes.value, steps: [] } as const;
  if (to.kind !== 'event' || from === undefined) return plan;
  // Writing the rule or the times of a series makes the server drop every exception: all of them are written anew.
  const steps = dropsExceptions(update.paths)
    ? exceptionSteps(undefined, to, ['overrides'], context)
    : exceptionSteps(from, to, update.paths, context);
  return steps.ok ? { ...plan, steps: steps.value } : refusal(steps.fault);
}

function touchesSeries({ target, paths }: Update): boolean {
  return (
    target.kind === 'event' &&
    target.recurrence !== undefined &&
    (dropsExceptions(paths) || paths.some((path) => groupOf(path) === 'overrides'))
  );
}

function dropsExceptions(paths: readonly Path[]): boolean {
  return paths.some((path) => groupOf(path) === 'when' || groupOf(path) === 'recurrence');
}

async function knowSeries(
  mailbox: Mailbox,
  kind: Kind,
  updates: readonly Update[],
  known: Map<Update, Known | Fault>,
): Promise<void> {
  if (updates.length === 0) return;
  const stored = await readStored(
    mailbox,
    kind,
    updates.map(({ id }) => id),
  );
  updates.forEach((update, index) => {
    known.set(update, stored.ok ? knownSeries(update, stored.value[index] as Outcome<Stored>) : stored.trouble.fault);
  });
}

function knownSeries({ version }: Update, outcome: Outcome<Stored>): Known | Fault {
  if (outcome.kind === 'trouble') return outcome.trouble.fault;
  const { snapshot } = outcome.value;
  if (snapshot.version !== version) return conflict;
  return snapshot.item.kind === 'event' ? { series: snapshot.item } : {};
}

/** Reads the items whose mapping wants to see them first, those with the same shape together. */
async function knowElements(
  mailbox: Mailbox,
  kind: Kind,
  updates: readonly Update[],
  known: Map<Update, Known | Fault>,
): Promise<void> {
  const byShape = new Map<string, { readonly shape: Markup; readonly updates: Update[] }>();
  for (const update of updates) {
    const shape = mailbox.mappings[kind].shapeBefore(update.paths);
    if (shape === undefined) continue;
    const group = byShape.get(shape.text) ?? { shape, updates: [] };
    group.updates.push(update);
    byShape.set(shape.text, group);
  }
  for (const { shape, updates: group } of byShape.values()) {
    const elements = await readElements(
      mailbox,
      shape,
      group.map(({ id }) => id),
      mailbox.readSize(kind),
    );
    group.forEach((update, index) => {
      known.set(
        update,
        elements.ok ? knownElement(update, elements.value[index] as Outcome<XmlElement>) : elements.trouble.fault,
      );
    });
  }
}

/**
 * Exchange, which always names its build, refuses stale change keys by itself. Of any other server that is not known, so the
 * versions are compared here first.
 */
async function knowVersions(
  mailbox: Mailbox,
  updates: readonly Update[],
  known: Map<Update, Known | Fault>,
): Promise<void> {
  if (mailbox.session.build !== undefined) return;
  const keys = await readKeys(
    mailbox,
    updates.map(({ id }) => id),
  );
  updates.forEach((update, index) => {
    const key = keys[index] as Outcome<string | undefined>;
    if (key.kind === 'trouble') known.set(update, key.trouble.fault);
    else if (key.value !== update.version) known.set(update, conflict);
  });
}

function knownElement({ version }: Update, outcome: Outcome<XmlElement>): Known | Fault {
  if (outcome.kind === 'trouble') return outcome.trouble.fault;
  return itemKeyOf(outcome.value)?.changeKey === version ? { element: outcome.value } : conflict;
}

const conflict = fault('item.conflict', 'The item was changed in the meantime.');

function refusal(reason: Fault): Planned {
  return rejected(reason) as Planned;
}
