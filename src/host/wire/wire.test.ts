import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type {
  Capabilities,
  Change,
  Create,
  ReadOutcome,
  Remove,
  Update,
  WriteOutcome,
  Written,
} from '#contract/connector.ts';
import { type Fault, faultCodes } from '#contract/fault.ts';
import { groups } from '#model/groups.ts';
import { type Item, type Kind, kinds } from '#model/item.ts';
import { contacts, events, tasks } from '#testing/arbitrary-items.ts';
import { connectorService, type Method, methodOf } from '../protocol.ts';
import { capabilitiesOf, wireCapabilities } from './capabilities.ts';
import { faultOf, wireFault } from './fault.ts';
import { itemOf } from './item.ts';
import type {
  WireChanges,
  WireCreateAsk,
  WireOpened,
  WireRead,
  WireRemoveAsk,
  WireUpdateAsk,
  WireWritten,
} from './messages.ts';
import { portions } from './portions.ts';
import { changeOf, readOutcomeOf, wireChange, wireReadOutcome } from './reading.ts';
import {
  creationOf,
  removalOf,
  removedOf,
  updateOf,
  wireCreation,
  wireRemoval,
  wireUpdate,
  wireWriteOutcome,
  writtenOf,
} from './writing.ts';

/** Over the wire and back, through the real encoding. */
function sentAnswer<T>(method: Method, message: object): T {
  return method.responseDeserialize(method.responseSerialize(message)) as T;
}

function sentAsk<T>(method: Method, message: object): T {
  return method.requestDeserialize(method.requestSerialize(message)) as T;
}

/** Objects as programs make them: fast-check would mix in some without a prototype. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const item = fc.oneof<fc.Arbitrary<Item>[]>(contacts, events, tasks);
const id = fc.string({ minLength: 1, unit: 'binary' });
const faults: fc.Arbitrary<Fault> = fc.record(
  {
    code: fc.constantFrom(...faultCodes),
    message: fc.string(),
    source: fc.string(),
    path: fc.string(),
    retryAfterMs: fc.nat(),
  },
  { requiredKeys: ['code', 'message'], noNullPrototype: true },
);

test('faults, changes and what was read come out as they went in, whatever they hold', () => {
  const reads: fc.Arbitrary<ReadOutcome> = fc.oneof(
    plain({ kind: fc.constant('gone' as const), id }),
    plain({ kind: fc.constant('failed' as const), id, fault: faults }),
    plain({
      kind: fc.constant('present' as const),
      snapshot: fc.record(
        { id, version: fc.string(), linkKey: fc.string(), item },
        { requiredKeys: ['id', 'version', 'item'], noNullPrototype: true },
      ),
    }),
  );
  const changes: fc.Arbitrary<Change> = fc.oneof(
    plain({ kind: fc.constant('present' as const), id, version: fc.string() }),
    plain({ kind: fc.constant('gone' as const), id }),
    plain({ kind: fc.constant('out' as const), id, reason: fc.constantFrom('moved', 'window', 'access') }),
  );
  fc.assert(
    fc.property(fc.array(reads), fc.array(changes), faults, (outcomes, page, trouble) => {
      const read = sentAnswer<WireRead>(methodOf(connectorService, 'Read'), {
        outcomes: outcomes.map(wireReadOutcome),
      });
      assert.deepEqual((read.outcomes ?? []).map(readOutcomeOf), outcomes);
      const listed = sentAnswer<WireChanges>(methodOf(connectorService, 'Changes'), {
        changes: page.map(wireChange),
        fault: wireFault(trouble),
      });
      assert.deepEqual((listed.changes ?? []).map(changeOf), page);
      assert.deepEqual(faultOf(listed.fault ?? {}), trouble);
    }),
    { numRuns: 60 },
  );
});

test('writes and their outcomes come out as they went in, whatever they hold', () => {
  const creates: fc.Arbitrary<Create> = plain({ linkKey: id, item });
  const updates: fc.Arbitrary<Update> = fc.record(
    { id, version: fc.string(), target: item, paths: fc.array(fc.string()), linkKey: fc.string() },
    { requiredKeys: ['id', 'version', 'target', 'paths'], noNullPrototype: true },
  );
  const removes: fc.Arbitrary<Remove> = plain({ id, version: fc.string() });
  const refused = plain({ kind: fc.constantFrom('rejected' as const, 'unknown' as const), fault: faults });
  const outcomes: fc.Arbitrary<WriteOutcome<Written>> = fc.oneof(
    refused,
    plain({
      kind: fc.constant('applied' as const),
      value: fc.record({ id, version: id, item }, { requiredKeys: ['id', 'version'], noNullPrototype: true }),
    }),
  );
  fc.assert(
    fc.property(creates, updates, removes, fc.array(outcomes), refused, (create, update, remove, written, refusal) => {
      const [creation] =
        sentAsk<WireCreateAsk>(methodOf(connectorService, 'Create'), { creations: [wireCreation(create)] }).creations ??
        [];
      assert.deepEqual(creationOf(creation ?? {}), create);
      const [edit] =
        sentAsk<WireUpdateAsk>(methodOf(connectorService, 'Update'), { updates: [wireUpdate(update)] }).updates ?? [];
      assert.deepEqual(updateOf(edit ?? {}), update);
      const [removal] =
        sentAsk<WireRemoveAsk>(methodOf(connectorService, 'Remove'), { removals: [wireRemoval(remove)] }).removals ??
        [];
      assert.deepEqual(removalOf(removal ?? {}), remove);
      const answer = sentAnswer<WireWritten>(methodOf(connectorService, 'Create'), {
        outcomes: written.map(wireWriteOutcome),
      });
      assert.deepEqual((answer.outcomes ?? []).map(writtenOf), written);
      const removed: readonly WriteOutcome<null>[] = [{ kind: 'applied', value: null }, refusal];
      const answered = sentAnswer<WireWritten>(methodOf(connectorService, 'Remove'), {
        outcomes: removed.map(wireWriteOutcome),
      });
      assert.deepEqual((answered.outcomes ?? []).map(removedOf), removed);
    }),
    { numRuns: 60 },
  );
});

test('capabilities come out as they went in', () => {
  const fields = (kind: Kind) =>
    Object.fromEntries(groups[kind].map(({ name }, at) => [name, at % 2 === 0 ? (true as const) : ['one', 'two']]));
  const capabilities: Capabilities = {
    kinds: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        { fields: fields(kind), patterns: ['daily', 'weekly'], zones: kind === 'task' ? 'iana' : 'windows' },
      ]),
    ),
    conditionalWrites: true,
    writesReturnItem: false,
    batch: { read: 100, write: 50 },
    settleMs: 180_000,
  };
  const answer = sentAnswer<WireOpened>(methodOf(connectorService, 'Open'), {
    capabilities: wireCapabilities(capabilities),
  });
  assert.deepEqual(capabilitiesOf(answer.capabilities ?? {}), capabilities);
});

test('what is no item, no known change and no known fault is not taken for one', () => {
  for (const json of [undefined, '', 'null', '[]', '{}', '{"kind":"note"}', '{"kind":"contact"']) {
    assert.equal(itemOf(json), undefined);
  }
  assert.equal(changeOf({ state: 'STATE_OUT', id: '1', reason: 'whim' }), undefined);
  assert.equal(changeOf({ state: 'STATE_ARCHIVED', id: '1' }), undefined);
  assert.deepEqual(faultOf({ code: 'server.haunted', message: 'm' }), {
    code: 'defect.internal',
    message: 'm',
    source: 'server.haunted',
  });
});

test('portions hold every entry once and in order, and none is larger than allowed unless one entry is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(100)),
      fc.integer({ min: 1, max: 150 }),
      fc.integer({ min: 1, max: 9 }),
      (sizes, bytesTarget, entriesMax) => {
        const all = [...portions(sizes, (size) => size, { bytesTarget, entriesMax })];
        assert.deepEqual(all.flat(), sizes);
        for (const one of all) {
          assert.ok(one.length >= 1 && one.length <= entriesMax);
          assert.ok(one.length === 1 || one.reduce((sum, size) => sum + size, 0) <= bytesTarget);
        }
      },
    ),
  );
});
