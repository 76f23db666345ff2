/** What was exercised: a run that never met a fault proves nothing about it. Plain data, so that it crosses threads as it is. */
import { groupOf, groups } from '#model/groups.ts';
import type { IntentRow, StateBatch } from '#store/port.ts';
import type { FaultId } from './script.ts';

const numbers = [
  'passes',
  'calls',
  'writes',
  'commits',
  'crashes',
  'crashesInRecovery',
  'twins',
  'edits',
  'editsDuringWrites',
  'virtualMs',
] as const;

const tables = [
  'faults',
  'crashPoints',
  'crashedAt',
  'acts',
  'cells',
  'events',
  'rules',
  'merges',
  'afterwards',
] as const;

/** What is told of a forgotten link that is found again, or of a plan that then waits for a person. */
const found = ['matched', 'recognised', 'remapped', 'brakeTripped'];

export class Counts {
  passes = 0;
  calls = 0;
  writes = 0;
  commits = 0;
  crashes = 0;
  /** While a write of an earlier life was still unsettled. */
  crashesInRecovery = 0;
  twins = 0;
  edits = 0;
  /** By people, while a write of the engine was under way. */
  editsDuringWrites = 0;
  virtualMs = 0;
  readonly faults = new Map<string, number>();
  readonly crashPoints = new Map<string, number>();
  /** Where processes died: labels, calls, commits by what they carried. */
  readonly crashedAt = new Map<string, number>();
  readonly acts = new Map<string, number>();
  readonly cells = new Map<string, number>();
  readonly events = new Map<string, number>();
  /** Rules that overruled a value. */
  readonly rules = new Map<string, number>();
  /** Groups written by merges of two edited sides, by their shape. */
  readonly merges = new Map<string, number>();
  /** What the engine did after everything had been quiet once and was then partly forgotten. */
  readonly afterwards = new Map<string, number>();

  fault(id: FaultId): void {
    raise(this.faults, id);
  }

  /** Counts what a batch tells about decisions. */
  note(batch: StateBatch, afterwards: boolean): void {
    for (const intent of batch.intents ?? []) {
      raise(this.cells, intent.cell);
      if (intent.cell === 'edited/edited') this.#noteMerge(intent);
    }
    for (const entry of batch.journal ?? []) {
      raise(this.events, entry.event);
      if (afterwards && found.includes(entry.event)) raise(this.afterwards, entry.event);
      const { cell, overruled } = entry.detail as {
        readonly cell?: string;
        readonly overruled?: readonly { readonly rule: string }[];
      };
      if (cell !== undefined) raise(this.cells, cell);
      for (const loser of overruled ?? []) raise(this.rules, loser.rule);
    }
  }

  #noteMerge({ kind, paths }: IntentRow): void {
    for (const name of new Set(paths.map(groupOf))) {
      const shape = groups[kind].find((group) => group.name === name)?.shape;
      if (shape !== undefined) raise(this.merges, shape);
    }
  }

  add(other: Pick<Counts, (typeof numbers)[number] | (typeof tables)[number]>): void {
    for (const name of numbers) this[name] += other[name];
    for (const name of tables) for (const [key, count] of other[name]) raise(this[name], key, count);
  }
}

export function raise(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
