/** Connector processes that hang, die, leak, grow or talk nonsense: what the engine sees, and that nobody else suffers. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Create } from '#contract/connector.ts';
import { engineFor, hostFor, oddPrograms, until, visit } from '#testing/connector-hosts.ts';

const creates: readonly Create[] = [1, 2].map((number) => ({
  linkKey: `testtest-${number}`,
  item: { kind: 'contact', name: { given: `Ada ${number}` } },
}));

const killed: unknown[] = [];
const host = await hostFor(
  undefined,
  {
    ...oddPrograms('hangs', 'dies', 'silent', 'grows', 'late', 'oversize', 'surplus', 'short', 'newer', 'good'),
    lookMs: 100,
    silenceMs: 3_000,
    memoryBytesMax: 200 * 1024 * 1024,
  },
  (event) => {
    if (event.event === 'host.processKilled') killed.push(event.why);
  },
);
const engine = await engineFor(undefined, [host]);
const hasty = await engineFor(undefined, [host], 400);
after(async () => {
  await engine.close();
  await hasty.close();
  await host.close();
});

const faultOf = (outcome: {
  readonly kind: string;
  readonly fault?: { readonly code: string; readonly source?: string };
}) => `${outcome.kind} ${outcome.fault?.code} ${outcome.fault?.source}`;

for (const [kind, why] of [
  ['dies', undefined],
  ['hangs', 'silence'],
  ['grows', 'memory'],
] as const) {
  test(`writes of a process that ${kind} are unknown, later ones are refused unsent, and its neighbours go on`, async (t) => {
    const sick = await visit(t, engine, kind);
    const well = await visit(t, engine, 'good', `neighbour of ${kind}`);
    const outcomes = await sick.create('contact', creates);
    assert.deepEqual(outcomes.map(faultOf), Array(2).fill('unknown mailbox.unavailable UNAVAILABLE'));
    if (why !== undefined) assert.ok(killed.includes(why));
    const [refused] = await sick.create('contact', creates);
    assert.equal(refused?.kind, 'rejected');
    const read = await sick.read('contact', ['odd-1']);
    assert.equal(read.ok ? '' : read.fault.code, 'mailbox.unavailable');
    const [applied] = await well.create('contact', creates);
    assert.equal(applied?.kind, 'applied');
    // The user's next visit finds a process that is well until it is asked to write.
    assert.ok((await (await visit(t, engine, kind)).changes('contact', null)).ok);
  });
}

test('an answer that does not come within the deadline is a fault for a read and unknown for a write', async (t) => {
  const read = await (await visit(t, hasty, 'silent', 'reader')).read('contact', ['odd-1']);
  assert.equal(read.ok ? '' : `${read.fault.code} ${read.fault.source}`, 'mailbox.unavailable DEADLINE_EXCEEDED');
  const [written] = await (await visit(t, hasty, 'silent', 'writer')).create('contact', creates);
  assert.equal(faultOf(written!), 'unknown mailbox.unavailable DEADLINE_EXCEEDED');
  // The process answers its host all the while, so it is not taken for dead.
  assert.ok(host.pool.report().some(({ program }) => program === 'silent'));
});

test('the late answer to an earlier call is never taken for the answer to this one', async (t) => {
  const read = await (await visit(t, engine, 'late', 'reader')).read('contact', ['odd-1']);
  assert.equal(read.ok ? '' : read.fault.source, 'protocol');
  const [written] = await (await visit(t, engine, 'late', 'writer')).create('contact', creates.slice(0, 1));
  assert.equal(faultOf(written!), 'unknown mailbox.unavailable protocol');
});

test('an oversize answer loses its own call only', async (t) => {
  const connector = await visit(t, engine, 'oversize');
  const read = await connector.read('contact', ['odd-1']);
  assert.equal(read.ok ? '' : `${read.fault.code} ${read.fault.source}`, 'mailbox.unavailable RESOURCE_EXHAUSTED');
  assert.deepEqual(await connector.findByLinkKey('contact', 'testtest-1'), { ok: true, value: [] });
});

test('more outcomes than writes: nobody can say whose they are, so all are unknown', async (t) => {
  const outcomes = await (await visit(t, engine, 'surplus')).create('contact', creates);
  assert.deepEqual(outcomes.map(faultOf), Array(2).fill('unknown mailbox.unavailable protocol'));
});

test('an answer that ends early: missing writes are unknown, a missing read or the end of a page is a fault', async (t) => {
  const [first, second] = await (await visit(t, engine, 'short')).create('contact', creates);
  assert.equal(first?.kind, 'applied');
  assert.equal(faultOf(second!), 'unknown mailbox.unavailable protocol');
  const read = await (await visit(t, engine, 'short')).read('contact', ['odd-1']);
  assert.equal(read.ok ? '' : read.fault.source, 'protocol');
  const page = await (await visit(t, engine, 'short')).changes('contact', null);
  assert.equal(page.ok ? '' : page.fault.source, 'protocol');
});

test('a program of another protocol version is not used, and the fault says which versions there are', async () => {
  const ask = { connectorKind: 'newer', settings: {}, server: 'main', user: 'alice', visit: 'ongoing' } as const;
  const reply = await engine.open(ask);
  assert.equal(reply.ok ? '' : reply.fault.code, 'server.version');
  assert.match(reply.ok ? '' : reply.fault.message, /protocol versions 7 to 7, this host 1/);
  await until(() => !host.pool.report().some(({ program }) => program === 'newer'));
});
