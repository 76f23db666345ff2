/**
 * The changed and removed occurrences of series, after their masters were written. Changes go first, one occurrence of each
 * series per request, because every change moves the change key that the next one is conditional on; then all removals.
 * The order makes each step checkable: what is there can be read, and an interrupted series is never taken for a user's edit
 * because its outcome is unknown until the last step.
 */
import type { Outcome } from './batch.ts';
import type { Mailbox } from './mailbox.ts';
import type { ExceptionStep } from './mapping/exceptions.ts';
import { buildDeleteItem, readDeleteItem } from './operations/delete-item.ts';
import { occurrenceId } from './operations/item-id.ts';
import { buildUpdateItem, readUpdateItem } from './operations/update-item.ts';
import type { Trouble } from './transport/classify.ts';
import { readKeys, writeBatch } from './write.ts';

/** A series whose master is as it should be. */
export interface SeriesWork {
  readonly masterId: string;
  /** Undefined: the answer to the master's write gave none. */
  readonly changeKey: string | undefined;
  readonly steps: readonly ExceptionStep[];
}

export interface SeriesResult {
  /** Undefined: every step was done. */
  readonly trouble: Trouble | undefined;
  /** How many steps certainly or possibly happened. */
  readonly begun: number;
}

interface Progress {
  readonly work: SeriesWork;
  readonly updates: readonly Extract<ExceptionStep, { readonly kind: 'update' }>[];
  changeKey: string | undefined;
  begun: number;
  trouble: Trouble | undefined;
}

/** One result per series, in order. The masters' change keys are stale afterwards. */
export async function applySteps(mailbox: Mailbox, series: readonly SeriesWork[]): Promise<readonly SeriesResult[]> {
  const all = series.map((work): Progress => {
    const updates = work.steps.filter((step) => step.kind === 'update');
    return { work, updates, changeKey: work.changeKey, begun: 0, trouble: undefined };
  });
  const rounds = Math.max(0, ...all.map((one) => one.updates.length));
  for (let round = 0; round < rounds; round += 1) {
    await updateRound(
      mailbox,
      all.filter((one) => one.trouble === undefined && round < one.updates.length),
      round,
    );
  }
  await removals(
    mailbox,
    all.filter((one) => one.trouble === undefined),
  );
  return all.map(({ trouble, begun }) => ({ trouble, begun }));
}

/** The change of this round for each series, together. */
async function updateRound(mailbox: Mailbox, round: readonly Progress[], index: number): Promise<void> {
  await learnKeys(mailbox, round);
  const ready = round.filter((one) => one.trouble === undefined);
  const outcomes = await writeBatch(
    mailbox,
    ready.map((one) => {
      const step = one.updates[index] as Progress['updates'][number];
      return { target: occurrenceId(one.work.masterId, step.index, one.changeKey), updates: step.updates };
    }),
    buildUpdateItem,
    readUpdateItem,
  );
  ready.forEach((one, position) => {
    const outcome = outcomes[position] as Outcome<{ readonly changeKey: string | undefined } | null>;
    if (outcome.kind === 'trouble') {
      one.trouble = outcome.trouble;
      if (!outcome.trouble.certain) one.begun += 1;
      return;
    }
    one.begun += 1;
    // Master and occurrences share one change key, so the occurrence's new one is what the next step needs.
    one.changeKey = outcome.value?.changeKey;
  });
}

/** Reads the change keys of the masters whose answer gave none. */
async function learnKeys(mailbox: Mailbox, round: readonly Progress[]): Promise<void> {
  const keyless = round.filter((one) => one.changeKey === undefined);
  const keys = await readKeys(
    mailbox,
    keyless.map((one) => one.work.masterId),
  );
  keyless.forEach((one, index) => {
    const key = keys[index];
    if (key?.kind === 'value') one.changeKey = key.value;
    else one.trouble = key?.trouble;
  });
}

async function removals(mailbox: Mailbox, series: readonly Progress[]): Promise<void> {
  const wanted = series.flatMap((one) =>
    one.work.steps.filter((step) => step.kind === 'delete').map((step) => ({ one, index: step.index })),
  );
  const outcomes = await writeBatch(
    mailbox,
    wanted.map(({ one, index }) => occurrenceId(one.work.masterId, index)),
    buildDeleteItem,
    readDeleteItem,
  );
  wanted.forEach(({ one }, position) => {
    const outcome = outcomes[position] as Outcome<true>;
    if (outcome.kind === 'value' || isDeletedAlready(outcome.trouble)) one.begun += 1;
    else {
      one.trouble ??= outcome.trouble;
      if (!outcome.trouble.certain) one.begun += 1;
    }
  });
}

function isDeletedAlready(trouble: Trouble): boolean {
  return trouble.code === 'ErrorCalendarOccurrenceIsDeletedFromRecurrence' || trouble.code === 'ErrorItemNotFound';
}
