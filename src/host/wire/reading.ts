/** Answers of reading calls across the protocol. Pure. `undefined` stands for a message no peer of ours may send. */
import type { Change, OutReason, Probe, ReadOutcome } from '#contract/connector.ts';
import { faultOf, wireFault } from './fault.ts';
import { itemOf } from './item.ts';
import type { WireChange, WireProbed, WireReadOutcome } from './messages.ts';

const outReasons: readonly OutReason[] = ['unlisted', 'reassigned', 'moved', 'window', 'access', 'converted'];

export function wireProbe({ product, zone, clockOffsetMs }: Probe): NonNullable<WireProbed['probe']> {
  return {
    product,
    ...(zone !== undefined && { zone }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs: Math.round(clockOffsetMs) }),
  };
}

export function probeOf({ product = '', zone, clockOffsetMs }: NonNullable<WireProbed['probe']>): Probe {
  return { product, ...(zone !== undefined && { zone }), ...(clockOffsetMs !== undefined && { clockOffsetMs }) };
}

export function wireChange(change: Change): WireChange {
  switch (change.kind) {
    case 'present':
      return { state: 'STATE_PRESENT', id: change.id, version: change.version };
    case 'gone':
      return { state: 'STATE_GONE', id: change.id };
    case 'out':
      return { state: 'STATE_OUT', id: change.id, reason: change.reason };
  }
}

/** A line that is not understood spoils its page: guessing could read as a deletion. */
export function changeOf({ state, id, version = '', reason }: WireChange): Change | undefined {
  if (id === undefined) return undefined;
  switch (state) {
    case 'STATE_PRESENT':
      return { kind: 'present', id, version };
    case 'STATE_GONE':
      return { kind: 'gone', id };
    case 'STATE_OUT': {
      const known = outReasons.find((one) => one === reason);
      return known === undefined ? undefined : { kind: 'out', id, reason: known };
    }
    default:
      return undefined;
  }
}

export function wireReadOutcome(outcome: ReadOutcome): WireReadOutcome {
  switch (outcome.kind) {
    case 'present': {
      const { id, item, ...rest } = outcome.snapshot;
      return { id, present: { ...rest, itemJson: JSON.stringify(item) } };
    }
    case 'gone':
      return { id: outcome.id, gone: {} };
    case 'out':
      return { id: outcome.id, out: { reason: outcome.reason } };
    case 'failed':
      return { id: outcome.id, failed: wireFault(outcome.fault) };
  }
}

export function readOutcomeOf({ id = '', present, gone, out, failed }: WireReadOutcome): ReadOutcome | undefined {
  if (present !== undefined) {
    const item = itemOf(present.itemJson);
    if (item === undefined) return undefined;
    const { version = '', linkKey, modifiedAt, owned } = present;
    const facts = { ...(modifiedAt !== undefined && { modifiedAt }), ...(owned !== undefined && { owned }) };
    return { kind: 'present', snapshot: { id, version, ...(linkKey !== undefined && { linkKey }), item, ...facts } };
  }
  if (out !== undefined) {
    const reason = outReasons.find((one) => one === out.reason);
    return reason === undefined ? undefined : { kind: 'out', id, reason };
  }
  if (gone !== undefined) return { kind: 'gone', id };
  return failed === undefined ? undefined : { kind: 'failed', id, fault: faultOf(failed) };
}
