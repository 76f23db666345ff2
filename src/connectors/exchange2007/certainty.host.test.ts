/** Whatever goes wrong on the simulated Exchange 2007: what an answer says of a write is true. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connector, Snapshot, WriteOutcome } from '#contract/connector.ts';
import type { CalendarEvent } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { FaultKind } from '#simulators/exchange/control/faults.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { openExchange2007Connector } from './connector.ts';

/** What strikes any request. */
const common: readonly FaultKind[] = [
  'dropRequest',
  'httpStatus',
  'busy',
  'expireSignIn',
  'folderGone',
  'accessDenied',
];
/** What only makes a difference to writes. */
const ofWrites: readonly FaultKind[] = [
  'loseReply',
  'duplicateRequest',
  'truncateReply',
  'garbleReply',
  'wrongContentType',
  'resetConnection',
  'conflict',
  'rewriteAfterWrite',
];

/** Waits between tries are cut short; nothing here depends on how long they are. */
function quickPorts(): Ports {
  const ports = systemPorts();
  return { ...ports, timer: { sleep: (ms, signal) => ports.timer.sleep(Math.min(ms, 10), signal) } };
}

const reading = ['PROPFIND', 'SEARCH', 'GET'] as const;
const writing = ['PROPPATCH', 'PUT', 'MOVE'] as const;

const review: CalendarEvent = normalise({
  kind: 'event',
  title: 'Review',
  when: { start: '2026-03-02T09:00:00', end: '2026-03-02T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
  attendees: { 'bob@other.test': { name: 'Bob', role: 'required' } },
});
const renamed: CalendarEvent = {
  ...review,
  title: 'Review, moved',
  attendees: { 'eve@other.test': { role: 'required' } },
};

test('a write that says applied happened, one that says rejected did not, whatever went wrong on the way', async (t) => {
  const exchange = await startExchange({
    estate: {
      version: '2007sp3',
      mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1' }],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
    },
  });
  t.after(() => exchange.close());
  const open = (requestMs: number) =>
    openExchange2007Connector(
      {
        endpoint: `${exchange.origin}/exchange/`,
        mailbox: 'alice@example.test',
        credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
        linkKeyName: 'liaison-link',
        timeouts: { requestMs },
        backOff: { firstMs: 1, maxMs: 2, waitMaxMs: 50 },
      },
      quickPorts(),
    );
  const witness = open(30_000);
  t.after(() => witness.close());
  const seen = new Set<string>();
  let serial = 0;
  for (const kind of [...common, ...ofWrites]) {
    for (const operation of common.includes(kind) ? [...reading, ...writing] : writing) {
      // The second of its kind: a create writes once more after its people.
      for (const after of operation === 'PROPPATCH' ? [0, 1] : [0]) {
        serial += 1;
        const key = `key-${serial}`;
        const where = `${kind} on ${operation} after ${after}`;
        const connector = open(300);
        const strike = () => exchange.control.inject({ kind, operation, after, status: 500, backOffMs: 1 });
        strike();
        const [made] = await connector.create('event', [{ linkKey: key, item: review }]);
        exchange.control.calm();
        checkCreate(made, await carrying(witness, key), where);
        const stored = await settled(witness, key);
        strike();
        const { id, version } = stored;
        const paths = ['title', 'attendees.bob@other.test', 'attendees.eve@other.test'];
        const [changed] = await connector.update('event', [{ id, version, target: renamed, paths }]);
        exchange.control.calm();
        const now = await settled(witness, key);
        checkUpdate(changed, stored, now, where);
        strike();
        const [removed] = await connector.remove('event', [{ id, version: now.version }]);
        exchange.control.calm();
        const left = await carrying(witness, key);
        if (removed?.kind === 'applied') assert.equal(left.length, 0, where);
        if (removed?.kind === 'rejected') assert.equal(left.length, 1, `${where}: ${removed.fault.message}`);
        for (const one of [made, changed, removed]) seen.add(one?.kind ?? '');
        await connector.close();
      }
    }
  }
  assert.deepEqual([...seen].sort(), ['applied', 'rejected', 'unknown'], 'all three were met');
});

async function carrying(connector: Connector, key: string): Promise<readonly Snapshot[]> {
  const found = await connector.findByLinkKey('event', key);
  assert.ok(found.ok, JSON.stringify(found));
  const read = await connector.read('event', found.value);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value.flatMap((one) => (one.kind === 'present' ? [one.snapshot] : []));
}

function checkCreate(outcome: WriteOutcome<unknown> | undefined, found: readonly Snapshot[], where: string): void {
  assert.ok(found.length <= 1, `${where}: made ${found.length} times`);
  if (outcome?.kind === 'rejected') assert.equal(found.length, 0, `${where}: ${outcome.fault.message}`);
  if (outcome?.kind !== 'applied') return;
  assert.deepEqual((found[0]?.item as CalendarEvent | undefined)?.attendees, review.attendees, where);
}

/** The item as it is, made now if it was not. */
async function settled(connector: Connector, key: string): Promise<Snapshot> {
  const [found] = await carrying(connector, key);
  if (found !== undefined) return found;
  const [made] = await connector.create('event', [{ linkKey: key, item: review }]);
  assert.equal(made?.kind, 'applied', JSON.stringify(made));
  return settled(connector, key);
}

function checkUpdate(outcome: WriteOutcome<unknown> | undefined, before: Snapshot, now: Snapshot, where: string): void {
  const event = now.item as CalendarEvent;
  if (outcome?.kind === 'applied') {
    assert.deepEqual([event.title, event.attendees], [renamed.title, renamed.attendees], where);
  }
  // Of a request that something doubles on its way the second answer arrives: a conflict with itself, which is looked at again.
  const isOwnConflict =
    where.startsWith('duplicateRequest') && outcome?.kind === 'rejected' && outcome.fault.code === 'item.conflict';
  if (outcome?.kind === 'rejected' && !isOwnConflict) {
    assert.deepEqual(now.item, before.item, `${where}: ${outcome.fault.message}`);
  }
}
