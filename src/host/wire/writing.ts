/** Writes and what became of them across the protocol. Pure. `undefined` stands for a message no peer of ours may send. */
import type { Create, Remove, Update, WriteOutcome, Written } from '#contract/connector.ts';
import { faultOf, wireFault } from './fault.ts';
import { itemOf } from './item.ts';
import type { WireCreation, WireRemoval, WireUpdate, WireWriteOutcome } from './messages.ts';

export function wireCreation({ linkKey, item }: Create): WireCreation {
  return { linkKey, itemJson: JSON.stringify(item) };
}

export function creationOf({ linkKey, itemJson }: WireCreation): Create | undefined {
  const item = itemOf(itemJson);
  return item === undefined || linkKey === undefined ? undefined : { linkKey, item };
}

export function wireUpdate({ id, version, target, paths, linkKey }: Update): WireUpdate {
  const targetJson = JSON.stringify(target);
  return { id, version, targetJson, paths: [...paths], ...(linkKey !== undefined && { linkKey }) };
}

export function updateOf({ id, version = '', targetJson, paths = [], linkKey }: WireUpdate): Update | undefined {
  const target = itemOf(targetJson);
  if (target === undefined || id === undefined) return undefined;
  return { id, version, target, paths, ...(linkKey !== undefined && { linkKey }) };
}

export function wireRemoval({ id, version }: Remove): WireRemoval {
  return { id, version };
}

export function removalOf({ id, version = '' }: WireRemoval): Remove | undefined {
  return id === undefined ? undefined : { id, version };
}

export function wireWriteOutcome(outcome: WriteOutcome<Written | null>): WireWriteOutcome {
  switch (outcome.kind) {
    case 'applied': {
      if (outcome.value === null) return { applied: {} };
      const { id, version, item } = outcome.value;
      return { applied: { id, version, ...(item !== undefined && { itemJson: JSON.stringify(item) }) } };
    }
    case 'rejected':
      return { rejected: wireFault(outcome.fault) };
    case 'unknown':
      return { unknown: wireFault(outcome.fault) };
  }
}

export function writtenOf(wire: WireWriteOutcome): WriteOutcome<Written> | undefined {
  if (wire.applied === undefined) return refusalOf(wire);
  const { id, version, itemJson } = wire.applied;
  if (id === undefined || version === undefined) return undefined;
  if (itemJson === undefined) return { kind: 'applied', value: { id, version } };
  const item = itemOf(itemJson);
  return item === undefined ? undefined : { kind: 'applied', value: { id, version, item } };
}

export function removedOf(wire: WireWriteOutcome): WriteOutcome<null> | undefined {
  return wire.applied === undefined ? refusalOf(wire) : { kind: 'applied', value: null };
}

function refusalOf({ rejected, unknown }: WireWriteOutcome): WriteOutcome<never> | undefined {
  if (rejected !== undefined) return { kind: 'rejected', fault: faultOf(rejected) };
  return unknown === undefined ? undefined : { kind: 'unknown', fault: faultOf(unknown) };
}
