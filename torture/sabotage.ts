/**
 * Planted bugs: what is done to the engine's surroundings to see whether the checkers notice. Each one stands for a mistake
 * somebody could make inside; none needs a switch in the engine itself.
 */
import type { Connector, ReadOutcome, WriteOutcome, Written } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import { nthOccurrence } from '#model/expand.ts';
import { prints } from '#model/fingerprint.ts';
import type { CalendarEvent, Item } from '#model/item.ts';
import { toInstant } from '#model/zones.ts';
import type { Side, StateBatch, Store } from '#store/port.ts';

/** What one run does to its store and connectors. */
export interface Sabotage {
  readonly store?: (store: Store) => Store;
  readonly connector?: (connector: Connector, side: Side) => Connector;
  readonly lease?: 'ignored';
}

type Plant = () => Sabotage;

/** By name; a fresh one for every run, for some remember what they saw. */
export const sabotages: Readonly<Record<string, Plant>> = {
  'the intent is not stored before sending': () => ({
    store: committing((batch) => [{ ...batch, intents: [] }]),
  }),
  'the cursor is stored before what it covers': () => ({
    store: committing(({ feeds, ...rest }) => (feeds === undefined ? [rest] : [{ feeds }, rest])),
  }),
  'updates forget the version they were planned against': () => ({ connector: unconditional }),
  'unknown is taken for rejected': () => ({
    connector: answering((outcome) =>
      outcome.kind === 'unknown' ? { kind: 'rejected', fault: fault('server.unreachable', 'surely not') } : outcome,
    ),
  }),
  'unknown is taken for applied': () => ({
    connector: answering((outcome, entry) =>
      outcome.kind === 'unknown' ? { kind: 'applied', value: { id: entry.id ?? 'somewhere', version: '1' } } : outcome,
    ),
  }),
  'what is not on the first page of a listing is gone': () => ({ connector: hastyListing() }),
  'the base moves before the write': () => ({ store: hastyBase }),
  'an unanswered create is sent again at once': () => ({
    connector: (connector) => wrap(connector, { capabilities: { ...connector.capabilities, settleMs: 0 } }),
  }),
  'ended links are forgotten at once': () => ({
    store: (store) =>
      wrap(store, {
        links: async (pairId, keys) => (await store.links(pairId, keys)).filter(({ link }) => link.ended === null),
      }),
  }),
  'copies of users are ignored': () => ({ connector: blindToCopies() }),
  'leaving the scope is a deletion': () => ({
    connector: feeding((changes) => changes.map((one) => (one.kind === 'out' ? { kind: 'gone', id: one.id } : one))),
  }),
  'overrides are matched by their place in the list': () => ({ connector: writingItems(byIndex) }),
  'overrides are keyed by instants': () => ({ connector: readingItems(byInstant) }),
  'a throttle is a failure like any other': () => ({ connector: withoutHints }),
  'changes soon after a write of ours are echoes': () => ({ connector: echoWindow() }),
  'a held brake lets go by itself': () => ({
    store: (store) =>
      wrap(store, {
        brakes: async (pairId) => (await store.brakes(pairId)).map((one) => ({ ...one, state: 'released' })),
      }),
  }),
  'a new listing keeps the old epoch': () => ({
    store: committing((batch) => [
      {
        ...batch,
        ...(batch.feeds === undefined
          ? {}
          : { feeds: batch.feeds.map((feed) => ({ ...feed, epoch: 1, verified: true })) }),
      },
    ]),
  }),
  'the lease is not checked at commit': () => ({ lease: 'ignored' }),
  'twins are removed without looking at them': () => ({ connector: hastyCollapse }),
  'the losing value is dropped': () => ({
    store: committing((batch) => [
      { ...batch, journal: (batch.journal ?? []).filter((one) => one.detail.overruled === undefined) },
    ]),
  }),
  'conflicts are not looked at again': () => ({
    connector: answering((outcome) =>
      outcome.kind === 'rejected' && outcome.fault.code === 'item.conflict'
        ? { kind: 'applied', value: null }
        : outcome,
    ),
  }),
  'a failed read means that the item is gone': () => ({
    connector: (connector) =>
      wrap(connector, {
        read: async (kind, ids) => {
          const reply = await connector.read(kind, ids);
          const gone = (one: ReadOutcome): ReadOutcome => (one.kind === 'failed' ? { kind: 'gone', id: one.id } : one);
          return reply.ok ? { ok: true, value: reply.value.map(gone) } : reply;
        },
      }),
  }),
};

function wrap<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get: (from, name) => Reflect.get(name in own ? own : from, name) as unknown,
  });
}

function committing(split: (batch: StateBatch) => readonly StateBatch[]): (store: Store) => Store {
  return (store) =>
    wrap(store, {
      commit: async (lease, batch) => {
        for (const part of split(batch)) await store.commit(lease, part);
      },
    });
}

function hastyBase(store: Store): Store {
  return wrap(store, {
    commit: async (lease, batch) => {
      const intents = (batch.intents ?? []).filter((one) => one.op === 'update' && one.paths.length > 0);
      const views = await store.links(
        lease.pairId,
        intents.map((one) => one.linkKey),
      );
      const links = views.map(({ link }) => {
        const base = intents.find((one) => one.linkKey === link.linkKey)?.target as Item;
        return { ...link, base, prints: { crm: prints(base), mailbox: prints(base) } };
      });
      await store.commit(lease, links.length === 0 ? batch : { ...batch, links: [...(batch.links ?? []), ...links] });
    },
  });
}

type AnyOutcome = WriteOutcome<Written | null>;

function answering(
  change: (outcome: AnyOutcome, entry: { readonly id?: string }) => AnyOutcome,
): (connector: Connector) => Connector {
  return (connector) =>
    wrap(connector, {
      create: async (kind, entries) =>
        (await connector.create(kind, entries)).map((one) => change(one, {}) as WriteOutcome<Written>),
      update: async (kind, entries) =>
        (await connector.update(kind, entries)).map((one, index) => {
          const changed = change(one, entries[index] ?? {});
          const { id = '', version = '' } = entries[index] ?? {};
          return (
            changed.kind === 'applied' && changed.value === null ? { kind: 'applied', value: { id, version } } : changed
          ) as WriteOutcome<Written>;
        }),
      remove: async (kind, entries) =>
        (await connector.remove(kind, entries)).map((one, index) => {
          const changed = change(one, entries[index] ?? {});
          return changed.kind === 'applied' ? { kind: 'applied', value: null } : changed;
        }),
    });
}

function unconditional(connector: Connector): Connector {
  return wrap(connector, {
    update: async (kind, updates) => {
      const found = await connector.read(
        kind,
        updates.map((one) => one.id),
      );
      const versions = new Map(
        found.ok
          ? found.value.flatMap((one) =>
              one.kind === 'present' ? [[one.snapshot.id, one.snapshot.version] as const] : [],
            )
          : [],
      );
      return await connector.update(
        kind,
        updates.map((one) => ({ ...one, version: versions.get(one.id) ?? one.version })),
      );
    },
  });
}

type Changes = Extract<Awaited<ReturnType<Connector['changes']>>, { ok: true }>['value']['changes'];

function feeding(change: (changes: Changes, listing: boolean) => Changes): (connector: Connector) => Connector {
  return (connector) =>
    wrap(connector, {
      changes: async (kind, cursor) => {
        const reply = await connector.changes(kind, cursor);
        return reply.ok
          ? { ok: true, value: { ...reply.value, changes: change(reply.value.changes, cursor === null) } }
          : reply;
      },
    });
}

function hastyListing(): (connector: Connector, side: Side) => Connector {
  const known = new Map<string, Set<string>>();
  return (connector, side) =>
    wrap(connector, {
      changes: async (kind, cursor) => {
        const reply = await connector.changes(kind, cursor);
        if (!reply.ok) return reply;
        const name = `${side} ${kind}`;
        const ids = known.get(name) ?? new Set<string>();
        known.set(name, ids);
        const shown = new Set(reply.value.changes.map((one) => one.id));
        const missing = cursor === null ? [...ids].filter((id) => !shown.has(id)) : [];
        for (const id of shown) ids.add(id);
        const gone = missing.map((id) => ({ kind: 'gone', id }) as const);
        return { ok: true, value: { ...reply.value, changes: [...reply.value.changes, ...gone] } };
      },
    });
}

function blindToCopies(): (connector: Connector, side: Side) => Connector {
  const bearers = new Map<string, string>();
  return (connector, side) =>
    wrap(connector, {
      read: async (kind, ids) => {
        const reply = await connector.read(kind, ids);
        if (!reply.ok) return reply;
        const seen = (one: ReadOutcome): ReadOutcome => {
          const key = one.kind === 'present' ? one.snapshot.linkKey : undefined;
          if (one.kind !== 'present' || key === undefined) return one;
          const first = bearers.get(`${side} ${key}`) ?? one.snapshot.id;
          bearers.set(`${side} ${key}`, first);
          return first === one.snapshot.id ? one : { kind: 'gone', id: one.snapshot.id };
        };
        return { ok: true, value: reply.value.map(seen) };
      },
    });
}

function readingItems(change: (item: Item) => Item): (connector: Connector) => Connector {
  return (connector) =>
    wrap(connector, {
      read: async (kind, ids) => {
        const reply = await connector.read(kind, ids);
        if (!reply.ok) return reply;
        const read = (one: ReadOutcome): ReadOutcome =>
          one.kind === 'present' ? { ...one, snapshot: { ...one.snapshot, item: change(one.snapshot.item) } } : one;
        return { ok: true, value: reply.value.map(read) };
      },
    });
}

function writingItems(change: (item: Item) => Item): (connector: Connector) => Connector {
  return (connector) =>
    wrap(connector, {
      create: (kind, entries) =>
        connector.create(
          kind,
          entries.map((one) => ({ ...one, item: change(one.item) })),
        ),
    });
}

function byIndex(item: Item): Item {
  return rekeyed(item, (_start, index, event) =>
    event.recurrence === undefined ? undefined : nthOccurrence(event.when.start, event.recurrence, index + 1),
  );
}

function byInstant(item: Item): Item {
  return rekeyed(item, (start, _index, { when }) =>
    when.zone === undefined ? start : toInstant(start, when.zone).replace('Z', ''),
  );
}

function rekeyed(item: Item, keyOf: (start: string, index: number, event: CalendarEvent) => string | undefined): Item {
  if (item.kind !== 'event' || item.overrides === undefined) return item;
  const entries = Object.entries(item.overrides).map(([start, one], index) => [
    keyOf(start, index, item) ?? start,
    one,
  ]);
  return { ...item, overrides: Object.fromEntries(entries) as NonNullable<CalendarEvent['overrides']> };
}

function withoutHints(connector: Connector): Connector {
  const plain = (given: Fault): Fault =>
    given.code === 'budget.exhausted' ? fault('item.invalid', given.message) : given;
  const reply = <T extends { readonly ok: boolean }>(given: T): T => {
    const { fault: trouble } = given as unknown as { readonly fault?: Fault };
    return trouble === undefined ? given : { ...given, fault: plain(trouble) };
  };
  const writes = answering((one) => (one.kind === 'rejected' ? { ...one, fault: plain(one.fault) } : one))(connector);
  return wrap(writes, {
    changes: async (kind, cursor) => reply(await connector.changes(kind, cursor)),
    read: async (kind, ids) => reply(await connector.read(kind, ids)),
  });
}

function echoWindow(): (connector: Connector, side: Side) => Connector {
  const written = new Set<string>();
  return (connector, side) => {
    const noting = answering((outcome, { id }) => {
      if (id !== undefined) written.add(`${side} ${id}`);
      return outcome;
    })(connector);
    return wrap(noting, {
      changes: async (kind, cursor) => {
        const reply = await connector.changes(kind, cursor);
        if (!reply.ok) return reply;
        const kept = reply.value.changes.filter((one) => !written.delete(`${side} ${one.id}`));
        return { ok: true, value: { ...reply.value, changes: kept } };
      },
    });
  };
}

function hastyCollapse(connector: Connector): Connector {
  return wrap(connector, {
    findByLinkKey: async (kind, key) => {
      const reply = await connector.findByLinkKey(kind, key);
      if (!reply.ok || reply.value.length < 2) return reply;
      const [first, ...others] = reply.value;
      const read = await connector.read(kind, others);
      const present = read.ok ? read.value.filter((one) => one.kind === 'present') : [];
      await connector.remove(
        kind,
        present.map(({ snapshot }) => ({ id: snapshot.id, version: snapshot.version })),
      );
      return { ok: true, value: [first as string] };
    },
  });
}
