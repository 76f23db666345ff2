/**
 * Changing items: UpdateItem conditional on the change key, then the occurrences of series. What a server refuses of an
 * update it may accept in another form: zones spelled out or left out, the one refused property left aside.
 */
import type { Update, WriteOutcome, Written } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Markup } from '#xml/writer.ts';
import type { Outcome } from './batch.ts';
import type { Mailbox } from './mailbox.ts';
import type { ExceptionStep } from './mapping/exceptions.ts';
import type { MappingContext } from './mapping/mapping.ts';
import { type ItemKey, itemId } from './operations/item-id.ts';
import { buildUpdateItem, readUpdateItem } from './operations/update-item.ts';
import { applySteps } from './series.ts';
import type { Trouble } from './transport/classify.ts';
import type { Details } from './transport/soap.ts';
import { plansOf, type UpdatePlan } from './update-plan.ts';
import { failedWrite, refusesToday, refusesZone, unknown, withVersions, writeBatch } from './write.ts';

/** One update on its way. */
interface Work {
  readonly plan: UpdatePlan;
  changes: readonly Markup[];
  context: MappingContext;
  outcome: Outcome<ItemKey | null> | undefined;
  /** A property was left aside: the rest went through, this did not. */
  leftOut: Fault | undefined;
}

/** Sending again for one item at most: zones spelled out, zones left out, a property left aside. */
const triesMax = 4;

/** One outcome per update, in order. */
export async function updateItems(
  mailbox: Mailbox,
  kind: Kind,
  updates: readonly Update[],
): Promise<readonly WriteOutcome<Written>[]> {
  const plans = await plansOf(mailbox, kind, updates);
  const works = new Map<number, Work>();
  plans.forEach((plan, index) => {
    if (plan.kind === 'plan') {
      works.set(index, { plan, changes: plan.changes, context: plan.context, outcome: undefined, leftOut: undefined });
    }
  });
  await sendAll(
    mailbox,
    kind,
    [...works.values()].filter((work) => work.changes.length > 0),
  );
  const finished = await finish(mailbox, [...works.values()]);
  return plans.map((plan, index) => {
    const work = works.get(index);
    return plan.kind === 'plan' ? (finished.get(work as Work) as WriteOutcome<Written>) : plan;
  });
}

async function sendAll(mailbox: Mailbox, kind: Kind, works: readonly Work[]): Promise<void> {
  let pending = works;
  for (let tries = 0; pending.length > 0 && tries < triesMax; tries += 1) {
    const outcomes = await writeBatch(
      mailbox,
      pending.map(({ plan, changes }) => ({ target: itemId(plan.update.id, plan.update.version), updates: changes })),
      buildUpdateItem,
      readUpdateItem,
    );
    pending.forEach((work, index) => {
      work.outcome = outcomes[index];
      if (work.outcome?.kind === 'value' && !work.context.serverKnowsZones) mailbox.spellOutZones();
    });
    pending = pending.filter(
      (work) => work.outcome?.kind === 'trouble' && adjusted(mailbox, kind, work, work.outcome.trouble),
    );
  }
}

/** Changes the work into a form the server may accept; false when there is none. */
function adjusted(mailbox: Mailbox, kind: Kind, work: Work, trouble: Trouble): boolean {
  if (!trouble.certain) return false;
  if (refusesZone(trouble)) return withOtherZones(mailbox, kind, work, trouble);
  const harmless = refusesToday(trouble, work.plan.update.target, mailbox.now());
  const details = harmless ? completeDate : trouble.details;
  if (details?.property === undefined || work.leftOut !== undefined) return false;
  if (!harmless && trouble.fault.code !== 'item.unsupported') return false;
  const rest = work.changes.filter((change) => !mentions(change, details));
  if (rest.length === 0 || rest.length === work.changes.length) {
    work.outcome = { kind: 'trouble', trouble: { ...trouble, fault: withPath(mailbox, kind, work, trouble) } };
    return false;
  }
  work.changes = rest;
  if (!harmless) {
    work.leftOut = withPath(mailbox, kind, work, trouble);
    mailbox.ports.log({
      level: 'warn',
      event: 'ews.propertyRefused',
      kind,
      property: details.property,
      code: trouble.code,
    });
  }
  return true;
}

const completeDate: Details = { values: {}, property: 'task:CompleteDate' };

/** First by definition instead of by name; then no zones and times in UTC, which keeps the zone the item has. */
function withOtherZones(mailbox: Mailbox, kind: Kind, work: Work, trouble: Trouble): boolean {
  const { context } = work;
  if (context.omitZones === true) return false;
  const byName = context.serverKnowsZones && trouble.code !== 'ErrorInvalidPropertySet';
  work.context = byName ? { ...context, serverKnowsZones: false } : { ...context, omitZones: true };
  const changes = mailbox.mappings[kind].update(work.plan.update, work.context, work.plan.element);
  if (!changes.ok) return false;
  work.changes = changes.value;
  return work.changes.length > 0;
}

/** Whether a change is about the property the server names. */
function mentions(change: Markup, { property, index }: Details): boolean {
  if (property === undefined) return false;
  const path = change.text.slice(0, change.text.indexOf('/>'));
  if (index !== undefined && !path.includes(`FieldIndex="${index}"`)) return false;
  return path.includes(`"${property}"`);
}

/** The canonical path that leads to the refused property, found by building each path alone. */
function withPath(mailbox: Mailbox, kind: Kind, { plan, context }: Work, trouble: Trouble): Fault {
  const details = trouble.details;
  const path = plan.update.paths.find((one) => {
    const changes = mailbox.mappings[kind].update({ ...plan.update, paths: [one] }, context, plan.element);
    return changes.ok && details !== undefined && changes.value.some((change) => mentions(change, details));
  });
  return path === undefined ? trouble.fault : { ...trouble.fault, path };
}

interface Done {
  readonly work: Work;
  readonly version: string | undefined;
}

async function finish(mailbox: Mailbox, works: readonly Work[]): Promise<ReadonlyMap<Work, WriteOutcome<Written>>> {
  const finished = new Map<Work, WriteOutcome<Written>>();
  const written: Done[] = [];
  for (const work of works) {
    if (work.outcome?.kind === 'trouble') {
      finished.set(
        work,
        work.leftOut === undefined ? failedWrite(work.outcome.trouble) : unknown(work.outcome.trouble.fault),
      );
    } else written.push({ work, version: versionAfter(work) });
  }
  await finishSeries(
    mailbox,
    written.filter(({ work }) => work.plan.steps.length > 0),
    finished,
  );
  const whole = written.filter(({ work }) => !finished.has(work));
  const outcomes = await withVersions(
    mailbox,
    whole.map(({ work, version }) => ({
      id: work.plan.update.id,
      version: work.plan.steps.length > 0 ? undefined : version,
    })),
  );
  whole.forEach(({ work }, index) => {
    const outcome = outcomes[index] as WriteOutcome<Written>;
    // The engine reads the item, sees what is missing, tries that alone and is told so.
    finished.set(work, work.leftOut === undefined ? outcome : unknown(work.leftOut));
  });
  return finished;
}

/**
 * The version an answered update left; undefined when it must be read. A completed recurring task answers with the id of
 * the completed copy while ours stays with the series (ews.md 15), so another id says nothing about our item.
 */
function versionAfter({ plan, outcome }: Work): string | undefined {
  if (outcome === undefined) return plan.update.version;
  if (outcome.kind !== 'value' || outcome.value?.id !== plan.update.id) return undefined;
  return outcome.value.changeKey;
}

async function finishSeries(
  mailbox: Mailbox,
  series: readonly Done[],
  finished: Map<Work, WriteOutcome<Written>>,
): Promise<void> {
  const results = await applySteps(
    mailbox,
    series.map(({ work, version }) => ({
      masterId: work.plan.update.id,
      changeKey: version,
      steps: work.plan.steps as readonly ExceptionStep[],
    })),
  );
  series.forEach(({ work }, index) => {
    const result = results[index];
    if (result?.trouble === undefined) return;
    const untouched = work.outcome === undefined && result.begun === 0;
    finished.set(work, untouched ? failedWrite(result.trouble) : unknown(result.trouble.fault));
  });
}
