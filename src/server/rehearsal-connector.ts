/**
 * A side on which nothing is ever written: reads go through, writes are noted and answered as if they had happened, and
 * what they would have made is shown to later reads. A write that the real side refuses unsent is refused here as well.
 */
import type { Connector, LinkKey, ReadOutcome, RemoteId, Snapshot, Version } from '#contract/connector.ts';
import type { Path } from '#model/groups.ts';
import type { Item, Kind } from '#model/item.ts';
import type { Side } from '#store/port.ts';

export interface PlannedWrite {
  readonly side: Side;
  readonly kind: Kind;
  /** mark: only the hidden link key would be put on an item that is there already. */
  readonly op: 'create' | 'update' | 'remove' | 'mark';
  readonly id: RemoteId;
  readonly linkKey: LinkKey | null;
  /** As it would be afterwards; null for a removal. */
  readonly item: Item | null;
  /** What would change, for an update. */
  readonly paths: readonly Path[];
}

export function rehearsalConnector(real: Connector, side: Side, note: (write: PlannedWrite) => void): Connector {
  /** By kind and id: what it would be now, null when it would be gone. */
  const imagined = new Map<string, Snapshot | null>();
  const at = (kind: Kind, id: RemoteId): string => `${kind} ${id}`;
  let made = 0;
  const version = (): Version => {
    made += 1;
    return `rehearsal-${made}`;
  };
  return {
    capabilities: { ...real.capabilities, writesReturnItem: true },
    probe: () => real.probe(),
    changes: (kind, cursor) => real.changes(kind, cursor),
    async read(kind, ids) {
      const known = ids.map((id) => imagined.get(at(kind, id)));
      const unknown = ids.filter((_, index) => known[index] === undefined);
      const reply = unknown.length === 0 ? { ok: true as const, value: [] } : await real.read(kind, unknown);
      if (!reply.ok) return reply;
      const rest = [...reply.value];
      return {
        ok: true,
        value: ids.map((id, index) => {
          const snapshot = known[index];
          if (snapshot === undefined) return rest.shift() as ReadOutcome;
          return snapshot === null ? { kind: 'gone', id } : { kind: 'present', snapshot };
        }),
      };
    },
    async findByLinkKey(kind, key) {
      const reply = await real.findByLinkKey(kind, key);
      if (!reply.ok) return reply;
      const made = [...imagined.values()].filter((snapshot) => snapshot?.linkKey === key).map((one) => one?.id ?? '');
      return { ok: true, value: [...new Set([...reply.value, ...made])] };
    },
    async create(kind, creates) {
      const refusals = await real.check?.(
        kind,
        creates.map(({ item }) => ({ item })),
      );
      return creates.map(({ linkKey, item }, index) => {
        const refusal = refusals?.[index] ?? null;
        if (refusal !== null) return { kind: 'rejected', fault: refusal };
        const written = { id: version(), version: version(), item };
        imagined.set(at(kind, written.id), { ...written, linkKey });
        note({ side, kind, op: 'create', id: written.id, linkKey, item, paths: [] });
        return { kind: 'applied', value: written };
      });
    },
    async update(kind, updates) {
      const refusals = await real.check?.(
        kind,
        updates.map(({ target, paths }) => ({ item: target, paths })),
      );
      return updates.map(({ id, target, paths, linkKey }, index) => {
        const refusal = refusals?.[index] ?? null;
        if (refusal !== null) return { kind: 'rejected', fault: refusal };
        const written = { id, version: version(), item: target };
        imagined.set(at(kind, id), { ...written, ...(linkKey !== undefined && { linkKey }) });
        const op = paths.length === 0 ? 'mark' : 'update';
        note({ side, kind, op, id, linkKey: linkKey ?? null, item: target, paths });
        return { kind: 'applied', value: written };
      });
    },
    async remove(kind, removes) {
      return removes.map(({ id }) => {
        imagined.set(at(kind, id), null);
        note({ side, kind, op: 'remove', id, linkKey: null, item: null, paths: [] });
        return { kind: 'applied', value: null };
      });
    },
    close: () => real.close(),
  };
}
