/** Capabilities across the protocol. Pure. */
import type { Capabilities, KindCapabilities } from '#contract/connector.ts';
import type { Fields } from '#model/groups.ts';
import { type Kind, kinds } from '#model/item.ts';
import { kindOf, type WireCapabilities, wireKind } from './messages.ts';

type WireKindCapabilities = NonNullable<WireCapabilities['kinds']>[number];

export function wireCapabilities(capabilities: Capabilities): WireCapabilities {
  return {
    kinds: kinds.flatMap((kind) => {
      const one = capabilities.kinds[kind];
      return one === undefined ? [] : [wireKindCapabilities(kind, one)];
    }),
    conditionalWrites: capabilities.conditionalWrites,
    writesReturnItem: capabilities.writesReturnItem,
    readBatch: capabilities.batch.read,
    writeBatch: capabilities.batch.write,
    settleMs: capabilities.settleMs,
  };
}

function wireKindCapabilities(kind: Kind, { fields, patterns, zones }: KindCapabilities): WireKindCapabilities {
  return {
    kind: wireKind(kind),
    fields: Object.entries(fields).map(([name, leaves]) =>
      leaves === true ? { name, whole: true } : { name, leaves: [...leaves] },
    ),
    patterns: [...patterns],
    zones: zones === 'iana' ? 'ZONES_IANA' : 'ZONES_WINDOWS',
  };
}

/** Kinds and zone forms that this program does not know are left out: what cannot be held is never written. */
export function capabilitiesOf(wire: WireCapabilities): Capabilities {
  const held: Partial<Record<Kind, KindCapabilities>> = {};
  for (const one of wire.kinds ?? []) {
    const kind = kindOf(one.kind);
    if (kind !== undefined) held[kind] = kindCapabilitiesOf(one);
  }
  return {
    kinds: held,
    conditionalWrites: wire.conditionalWrites ?? false,
    writesReturnItem: wire.writesReturnItem ?? false,
    batch: { read: Math.max(1, wire.readBatch ?? 1), write: Math.max(1, wire.writeBatch ?? 1) },
    settleMs: wire.settleMs ?? 0,
  };
}

function kindCapabilitiesOf({ fields = [], patterns = [], zones }: WireKindCapabilities): KindCapabilities {
  const held: Record<string, true | readonly string[]> = {};
  for (const { name = '', whole = false, leaves = [] } of fields) held[name] = whole ? true : leaves;
  return {
    fields: held as Fields,
    patterns: patterns as KindCapabilities['patterns'],
    zones: zones === 'ZONES_IANA' ? 'iana' : 'windows',
  };
}
