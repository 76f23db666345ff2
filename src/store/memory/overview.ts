/** Which pairs need a look, and how many there are of each sort. */
import { scopeOf } from '#contract/fault.ts';
import type { Summary, Troubled } from '../port.ts';
import type { PairRecord } from './schedule.ts';

export function isTroubled(record: PairRecord, troubled: Troubled): boolean {
  const late = record.lastOutcome?.fault !== undefined || isOverdue(record, troubled);
  return (record.pair.enabled && late) || isHeld(record) || hasSetAside(record);
}

export function summaryOf(records: readonly PairRecord[], troubled: Troubled): Summary {
  const enabled = records.filter(({ pair }) => pair.enabled);
  return {
    users: records.length,
    disabled: records.length - enabled.length,
    failing: enabled.filter(isFailing).length,
    overdue: enabled.filter((record) => isOverdue(record, troubled)).length,
    initial: enabled.filter(({ lastGoodAt }) => lastGoodAt === null).length,
    held: records.filter(isHeld).length,
    setAside: records.filter(hasSetAside).length,
  };
}

function isFailing({ lastOutcome }: PairRecord): boolean {
  const fault = lastOutcome?.fault;
  return fault !== undefined && scopeOf(fault.code) !== 'budget';
}

function isOverdue({ lastGoodAt, nextAtMs }: PairRecord, { overdueBeforeMs }: Troubled): boolean {
  return lastGoodAt !== null && nextAtMs < overdueBeforeMs;
}

function isHeld({ state }: PairRecord): boolean {
  return [...state.brakes.values()].some((brake) => brake.state === 'held');
}

function hasSetAside({ state }: PairRecord): boolean {
  return [...state.links.values()].some((link) => link.ended === null && link.quarantine !== null);
}
