import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reply } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';
import { findMailbox } from '#directory/find-mailbox.ts';
import type { Found } from '#directory/found.ts';
import { isDue } from '#directory/freshness.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import type { Pair, Store } from '#store/port.ts';
import { MapSide } from '#testing/map-side.ts';
import { type VirtualPorts, virtualPorts } from '#testing/virtual-ports.ts';
import { configSchema } from './config-schema.ts';
import { locatedConnector } from './located-connector.ts';
import { type Locator, openLocator } from './locator.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const place = (server: string): MailboxLocation => ({
  server,
  urls: [],
  version: '15.2.2562',
  protocols: ['ews'],
  smtp: 'ann@example.test',
  source: 'activeDirectory',
  directory: 'corp',
  at: '2026-03-05T09:00:00Z',
});

interface Office {
  readonly ports: VirtualPorts;
  readonly store: Store;
  readonly locator: Locator;
  readonly pair: Pair;
  /** What the directory answers. */
  answer: Found;
  asked: number;
  server(): Promise<string>;
}

async function office(): Promise<Office> {
  const ports = virtualPorts();
  const store = memoryStore();
  const signIn = { kind: 'basic', user: 'u', password: { env: 'P' } };
  const server = (name: string) => ({
    ...{ kind: 'ews', url: `https://${name}.example.test/EWS/Exchange.asmx`, signIn, mailboxServers: [`mbx-${name}`] },
  });
  const config = configSchema.parse({
    servers: { a: server('a'), b: server('b') },
    directories: { corp: { autodiscover: { signIn } } },
  });
  const made: Omit<Office, 'locator'> = {
    ports,
    store,
    pair: {
      pairId: 'pair0001',
      crmUser: 'ANN',
      mailbox: 'ann@example.test',
      enabled: true,
      server: 'auto',
      levels: { contact: 'full', event: 'full', task: 'full' },
    },
    answer: { kind: 'found', location: place('mbx-a') },
    asked: 0,
    async server() {
      const reply = await locator.serverOf(made.pair, true);
      return reply.ok ? reply.value : reply.fault.code;
    },
  };
  const directory = {
    name: 'corp',
    domains: [],
    byLdap: async () => {
      made.asked += 1;
      return made.answer;
    },
  };
  const directories = { all: [directory], byLdap: new Map(), resolver: undefined, close: async () => {} };
  const locator = openLocator(config, directories, store, ports);
  await store.putPairs([made.pair]);
  return Object.assign(made, { locator });
}

const failed = (code: Fault['code']): Found => ({ kind: 'failed', fault: fault(code, 'x') });

test('a mailbox is looked for once, then only when its day is over', async () => {
  const one = await office();
  for (let pass = 0; pass < 5; pass += 1) assert.equal(await one.server(), 'a');
  assert.equal(one.asked, 1);
  one.answer = { kind: 'found', location: place('mbx-b') };
  one.ports.advance(23 * hourMs);
  assert.equal(await one.server(), 'a');
  one.ports.advance(2 * hourMs);
  assert.equal(await one.server(), 'b');
  assert.equal(one.asked, 2);
});

test('a mailbox of the user map’s own server is never looked for', async () => {
  const one = await office();
  assert.deepEqual(await one.locator.serverOf({ ...one.pair, server: 'b' }, true), { ok: true, value: 'b' });
  assert.equal(one.asked, 0);
});

test('signs of a move make it be looked for soon, but not at every pass', async () => {
  const one = await office();
  const side = new MapSide({ name: 'm' });
  assert.equal(await one.server(), 'a');
  const moved = {
    ...side.connector(),
    changes: async () => ({ ok: false, fault: fault('mailbox.moved', 'gone') }) as const,
  };
  await one.locator.located(moved, one.pair, 'a', false).changes('contact', null);
  assert.equal((await one.store.location(one.pair.pairId))?.isDoubted, false);
  const connector = one.locator.located(moved, one.pair, 'a', true);
  await connector.changes('contact', null);
  assert.equal((await one.store.location(one.pair.pairId))?.isDoubted, true);
  assert.equal(await one.server(), 'a');
  one.answer = { kind: 'found', location: place('mbx-b') };
  one.ports.advance(6 * minuteMs);
  assert.equal(await one.server(), 'b');
  assert.equal((await one.store.location(one.pair.pairId))?.isDoubted, false);
  assert.equal(one.asked, 2);
});

test('a directory that is down stops nobody who was found before, and is not asked again at once', async () => {
  const one = await office();
  one.answer = failed('server.unreachable');
  for (let ask = 0; ask < 2; ask += 1) assert.equal(await one.server(), 'server.unreachable');
  assert.equal(one.asked, 1);
  one.ports.advance(3_000);
  one.answer = { kind: 'found', location: place('mbx-a') };
  assert.equal(await one.server(), 'a');
  one.ports.advance(25 * hourMs);
  one.answer = failed('server.timeout');
  const before = one.asked;
  for (let pass = 0; pass < 5; pass += 1) assert.equal(await one.server(), 'a');
  assert.equal(one.asked, before + 1);
  one.ports.advance(6 * minuteMs);
  one.answer = { kind: 'found', location: place('mbx-b') };
  assert.equal(await one.server(), 'b');
});

test('a mailbox that the directory is sure about being gone is a fault, and so is one that nobody can reach', async () => {
  const one = await office();
  assert.equal(await one.server(), 'a');
  one.ports.advance(25 * hourMs);
  one.answer = { kind: 'unknown', message: 'no entry' };
  assert.equal(await one.server(), 'mailbox.notFound');
  one.ports.advance(3_000);
  one.answer = { kind: 'found', location: { ...place('x'), protocols: ['graph'] } };
  const reply = await one.locator.serverOf(one.pair, true);
  assert.ok(!reply.ok);
  assert.equal(reply.fault.code, 'mailbox.moved');
  assert.match(reply.fault.message, /Exchange Online and needs a server of kind graph/);
  one.answer = { kind: 'found', location: place('mbx-b') };
  one.ports.advance(6 * minuteMs);
  assert.equal(await one.server(), 'b');
});

test('looking without keeping stores nothing', async () => {
  const one = await office();
  assert.ok((await one.locator.serverOf(one.pair, false)).ok);
  assert.ok((await one.locator.discover('ann@example.test')).location.ok);
  assert.equal(await one.store.location(one.pair.pairId), undefined);
});

test('a cursor of another server starts over; one of the same server, or from before there were names, goes on', async () => {
  const side = new MapSide({ name: 'm' });
  let doubts = 0;
  const at = (server: string) =>
    locatedConnector(side.connector(), server, async () => {
      doubts += 1;
    });
  const first = await at('a').changes('contact', null);
  assert.ok(first.ok && first.value.cursor.startsWith('@a '));
  const { cursor } = first.value;
  assert.ok((await at('a').changes('contact', cursor)).ok);
  assert.ok((await at('a').changes('contact', cursor.slice(3))).ok);
  const other = await at('b').changes('contact', cursor);
  assert.equal(other.ok ? '' : other.fault.code, 'mailbox.cursorInvalid');
  assert.equal(doubts, 0);
});

test('"there is none" needs all directories to say so; the first that knows the mailbox decides', async () => {
  const known = { kind: 'found', location: place('mbx-a') } as const;
  const unknown = { kind: 'unknown', message: 'no entry' } as const;
  const answers: readonly Found[] = [known, unknown, failed('server.timeout'), { kind: 'redirected', address: 'x@y' }];
  const kinds = fc.array(fc.constantFrom(...answers), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(kinds, async (given) => {
      const directories = given.map((found, at) => ({ name: `d${at}`, domains: [], byLdap: async () => found }));
      const reply: Reply<MailboxLocation> = await findMailbox(directories, 'ann@example.test', []);
      if (given.includes(known)) assert.ok(reply.ok);
      else if (given.every((one) => one.kind === 'unknown'))
        assert.equal(reply.ok ? '' : reply.fault.code, 'mailbox.notFound');
      else assert.ok(!reply.ok);
      const onlySilence = given.every((one) => one.kind === 'unknown' || one.kind === 'failed');
      if (onlySilence && given.some((one) => one.kind === 'failed')) {
        assert.equal(reply.ok ? '' : reply.fault.code, 'server.timeout');
      }
    }),
  );
});

test('a clock that was turned back makes nothing fresh for years', () => {
  const freshness = { refreshMs: hourMs, doubtMs: minuteMs };
  assert.equal(isDue({ checkedAtMs: 10 * hourMs, isDoubted: false }, 0, freshness), true);
  assert.equal(isDue({ checkedAtMs: 0, isDoubted: false }, hourMs - 1, freshness), false);
  assert.equal(isDue({ checkedAtMs: 0, isDoubted: true }, minuteMs, freshness), true);
  assert.equal(isDue(undefined, 0, freshness), true);
});
