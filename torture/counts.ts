/** What was exercised: a run that never met a fault proves nothing about it. */
import type { StateBatch } from '#store/port.ts';
import type { FaultId } from './script.ts';

export class Counts {
  passes = 0;
  calls = 0;
  writes = 0;
  commits = 0;
  crashes = 0;
  twins = 0;
  edits = 0;
  virtualMs = 0;
  readonly faults = new Map<string, number>();
  readonly crashPoints = new Map<string, number>();
  readonly acts = new Map<string, number>();
  readonly cells = new Map<string, number>();
  readonly events = new Map<string, number>();
  /** Rules that overruled a value. */
  readonly rules = new Map<string, number>();

  fault(id: FaultId): void {
    raise(this.faults, id);
  }

  crashPoint(label: string): void {
    raise(this.crashPoints, label);
  }

  /** Counts what a batch tells about decisions. */
  note(batch: StateBatch): void {
    for (const intent of batch.intents ?? []) raise(this.cells, intent.cell);
    for (const entry of batch.journal ?? []) {
      raise(this.events, entry.event);
      const { cell, overruled } = entry.detail as {
        readonly cell?: string;
        readonly overruled?: readonly { readonly rule: string }[];
      };
      if (cell !== undefined) raise(this.cells, cell);
      for (const loser of overruled ?? []) raise(this.rules, loser.rule);
    }
  }

  add(other: Counts): void {
    for (const name of ['passes', 'calls', 'writes', 'commits', 'crashes', 'twins', 'edits', 'virtualMs'] as const) {
      this[name] += other[name];
    }
    for (const name of ['faults', 'crashPoints', 'acts', 'cells', 'events', 'rules'] as const) {
      for (const [key, count] of other[name]) raise(this[name], key, count);
    }
  }
}

function raise(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
