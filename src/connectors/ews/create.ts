/** New items: CreateItem with the link key inside, then the changed and removed occurrences of series. */
import type { Create, WriteOutcome, Written } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Item, Kind } from '#model/item.ts';
import type { Markup } from '#xml/writer.ts';
import type { Outcome } from './batch.ts';
import type { Mailbox } from './mailbox.ts';
import { type ExceptionStep, exceptionSteps } from './mapping/exceptions.ts';
import type { BuildMapping, MappingContext } from './mapping/mapping.ts';
import { buildCreateItem, readCreateItem } from './operations/create-item.ts';
import type { ItemKey } from './operations/item-id.ts';
import { applySteps } from './series.ts';
import type { Trouble } from './transport/classify.ts';
import { failedWrite, refusesToday, refusesZone, rejected, unknown, withVersions, writeBatch } from './write.ts';

/** One create on its way. */
interface Work {
  readonly create: Create;
  readonly element: Markup;
  readonly steps: readonly ExceptionStep[];
  outcome: Outcome<ItemKey> | undefined;
}

/** One outcome per create, in order. A series is applied only when all its occurrences are. */
export async function createItems(
  mailbox: Mailbox,
  kind: Kind,
  creates: readonly Create[],
): Promise<readonly WriteOutcome<Written>[]> {
  const found = await mailbox.context();
  if (!found.ok) return creates.map(() => rejected(found.trouble.fault));
  const works = creates.map((create) => prepared(mailbox, kind, create, found.value));
  const sent = works.flatMap((work) => (work.ok ? [work.value] : []));
  await send(mailbox, kind, sent);
  await sendWithOtherZones(mailbox, kind, sent, found.value);
  await sendAgain(mailbox, kind, sent, {
    isRefused: (trouble, item) => refusesToday(trouble, item, mailbox.now()),
    context: found.value,
    itemOf: withoutCompletionDay,
  });
  const finished = await finish(mailbox, sent);
  return works.map((work) => (work.ok ? (finished.get(work.value) as WriteOutcome<Written>) : rejected(work.fault)));
}

function prepared(mailbox: Mailbox, kind: Kind, create: Create, context: MappingContext): BuildMapping<Work> {
  const element = mailbox.mappings[kind].create(create.item, create.linkKey, context);
  if (!element.ok) return element;
  const steps = stepsOf(create, context);
  return steps.ok
    ? { ok: true, value: { create, element: element.value, steps: steps.value, outcome: undefined } }
    : steps;
}

/** Why this item could not even be built for sending; undefined when it can. */
export function refusalOfCreate(mailbox: Mailbox, kind: Kind, item: Item, context: MappingContext): Fault | undefined {
  const built = prepared(mailbox, kind, { item, linkKey: '' }, context);
  return built.ok ? undefined : built.fault;
}

/** The occurrences to change; what cannot be said of them refuses the series before anything is written. */
function stepsOf({ item }: Create, context: MappingContext): BuildMapping<readonly ExceptionStep[]> {
  if (item.kind !== 'event' || item.overrides === undefined) return { ok: true, value: [] };
  return exceptionSteps(undefined, item, ['overrides'], context);
}

async function send(mailbox: Mailbox, kind: Kind, works: readonly Work[]): Promise<void> {
  const outcomes = await writeBatch(
    mailbox,
    works,
    (part) =>
      buildCreateItem(
        mailbox.mappings[kind].folder,
        mailbox.owner,
        part.map((work) => work.element),
      ),
    readCreateItem,
  );
  works.forEach((work, index) => {
    work.outcome = outcomes[index];
  });
}

/**
 * Zones the server refused by name are written out, for the rest of this connector's life. A series is never written in
 * UTC, where it would drift with daylight saving; a single event may be.
 */
async function sendWithOtherZones(
  mailbox: Mailbox,
  kind: Kind,
  works: readonly Work[],
  context: MappingContext,
): Promise<void> {
  const spelledOut = { ...context, serverKnowsZones: false };
  const again = { isRefused: refusesZone, context: spelledOut, itemOf: (item: Item) => item };
  if (await sendAgain(mailbox, kind, works, again)) mailbox.spellOutZones();
  const single = works.filter(({ create }) => create.item.kind === 'event' && create.item.recurrence === undefined);
  await sendAgain(mailbox, kind, single, { ...again, context: { ...spelledOut, omitZones: true } });
}

/** A completed task whose day the server sets itself. */
function withoutCompletionDay(item: Item): Item {
  if (item.kind !== 'task') return item;
  const { completed: _, ...progress } = item.progress;
  return { ...item, progress };
}

interface Again {
  isRefused(trouble: Trouble, item: Item): boolean;
  readonly context: MappingContext;
  itemOf(item: Item): Item;
}

/** Sends what was refused for one reason in another form; true when that helped for any. */
async function sendAgain(mailbox: Mailbox, kind: Kind, works: readonly Work[], again: Again): Promise<boolean> {
  const refused = works.filter(
    ({ create, outcome }) =>
      outcome?.kind === 'trouble' && outcome.trouble.certain && again.isRefused(outcome.trouble, create.item),
  );
  const remade: { readonly work: Work; readonly form: Work }[] = [];
  for (const work of refused) {
    const element = mailbox.mappings[kind].create(again.itemOf(work.create.item), work.create.linkKey, again.context);
    if (element.ok) remade.push({ work, form: { ...work, element: element.value } });
  }
  if (remade.length === 0) return false;
  await send(
    mailbox,
    kind,
    remade.map(({ form }) => form),
  );
  for (const { work, form } of remade) work.outcome = form.outcome;
  return remade.some(({ work }) => work.outcome?.kind === 'value');
}

async function finish(mailbox: Mailbox, works: readonly Work[]): Promise<ReadonlyMap<Work, WriteOutcome<Written>>> {
  const finished = new Map<Work, WriteOutcome<Written>>();
  const created: { readonly work: Work; readonly key: ItemKey }[] = [];
  for (const work of works) {
    const outcome = work.outcome as Outcome<ItemKey>;
    if (outcome.kind === 'trouble') finished.set(work, failedWrite(outcome.trouble));
    else created.push({ work, key: outcome.value });
  }
  const series = created.filter(({ work }) => work.steps.length > 0);
  const results = await applySteps(
    mailbox,
    series.map(({ work, key }) => ({ masterId: key.id, changeKey: key.changeKey, steps: work.steps })),
  );
  series.forEach(({ work }, index) => {
    const trouble = results[index]?.trouble;
    // The master is there without all of its occurrences: neither done nor refused.
    if (trouble !== undefined) finished.set(work, unknown(trouble.fault));
  });
  const whole = created.filter(({ work }) => !finished.has(work));
  const written = await withVersions(
    mailbox,
    whole.map(({ work, key }) => ({ id: key.id, version: work.steps.length > 0 ? undefined : key.changeKey })),
  );
  whole.forEach(({ work }, index) => {
    finished.set(work, written[index] as WriteOutcome<Written>);
  });
  return finished;
}
