import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';
import type { LdapEntry } from './active-directory/entry.ts';
import { type Directory, findMailbox } from './find-mailbox.ts';
import type { Found } from './found.ts';
import { addressResolver, type PeopleSearch } from './resolve-addresses.ts';

const at = (server: string, more: Partial<MailboxLocation> = {}): Found => ({
  kind: 'found',
  location: {
    server,
    urls: [],
    version: '15.2.1',
    protocols: ['ews'],
    smtp: 'ann@two.example',
    source: 'activeDirectory',
    directory: 'x',
    at: '2026-03-05T09:00:00Z',
    ...more,
  },
});

const unknown: Found = { kind: 'unknown', message: 'no entry' };

/** A forest that answers by address. */
function forest(name: string, known: Readonly<Record<string, Found>>, more: Partial<Directory> = {}): Directory {
  return { name, domains: [], byLdap: async (address) => known[address] ?? unknown, ...more };
}

const serverOf = (reply: Reply<MailboxLocation>): string => (reply.ok ? (reply.value.server ?? '') : reply.fault.code);

test('a user whose mailbox is in another forest is followed there', async () => {
  const one = forest('one', { 'ann@one.example': { kind: 'redirected', address: 'ann@two.example' } });
  const two = forest('two', { 'ann@two.example': at('mbx2') });
  assert.equal(serverOf(await findMailbox([one, two], 'Ann@One.example', [])), 'mbx2');
});

test('a directory is asked about its own mail domains only', async () => {
  const never = forest('never', { 'ann@one.example': at('wrong') }, { domains: ['two.example'] });
  const one = forest('one', { 'ann@one.example': at('mbx1') }, { domains: ['one.example'] });
  assert.equal(serverOf(await findMailbox([never, one], 'ann@one.example', [])), 'mbx1');
  assert.equal(serverOf(await findMailbox([never], 'ann@one.example', [])), 'mailbox.notFound');
});

test('where the server’s entry may not be read, autodiscover tells more', async () => {
  const { version: _, ...bare } = (at('mbx1') as Extract<Found, { kind: 'found' }>).location;
  const partial: Found = { kind: 'found', location: { ...bare, protocols: [] } };
  const web = forest(
    'one',
    { 'a@b.example': partial },
    { byAutodiscover: async () => at('mbx1', { version: '15.1.9' }) },
  );
  const reply = await findMailbox([web], 'a@b.example', []);
  assert.equal(reply.ok ? reply.value.version : '', '15.1.9');
  const silent = forest('one', { 'a@b.example': partial }, { byAutodiscover: async () => unknown });
  const last = await findMailbox([silent], 'a@b.example', []);
  assert.ok(last.ok && last.value.version === undefined);
});

interface Person extends PeopleSearch {
  asked: number;
  readonly searches: string[];
}

function people(entries: readonly Readonly<Record<string, string | readonly string[]>>[]): Person {
  const found = entries.map(
    (attributes, index): LdapEntry => ({
      dn: `CN=${index}`,
      attributes: new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()])),
    }),
  );
  const made: Person = {
    asked: 0,
    searches: [],
    async searchUsers({ filter }) {
      made.asked += 1;
      made.searches.push(filter);
      return { ok: true, value: found };
    },
  };
  return made;
}

test('people are found by alias and by every legacy name they had, once, and asked for again after an hour', async () => {
  let now = 0;
  const directory = people([
    {
      proxyAddresses: ['SMTP:Ann@Example.com', 'smtp:a@example.com', 'X500:/o=Old/cn=Ann'],
      legacyExchangeDN: '/o=New/cn=Ann',
    },
  ]);
  const resolver = addressResolver([directory], { now: () => now });
  const names = ['A@Example.com', 'EX:/O=NEW/cn=ann', '/o=old/cn=ann', 'x@example.com', 'nonsense'];
  const answers = ['ann@example.com', 'ann@example.com', 'ann@example.com', null, null];
  for (let round = 0; round < 3; round += 1) {
    assert.deepEqual(await resolver.resolveAddresses(names), { ok: true, value: answers });
  }
  assert.equal(directory.asked, 1);
  now = 11 * 60_000;
  await resolver.resolveAddresses(names);
  assert.equal(directory.asked, 2);
  assert.doesNotMatch(directory.searches[1] ?? '', /cn=ann/);
  now = 61 * 60_000;
  await resolver.resolveAddresses(names.slice(0, 1));
  assert.equal(directory.asked, 3);
});

test('a name that two people carry stands for nobody, and a silent directory is no "nobody"', async () => {
  const twins = people([
    { proxyAddresses: ['SMTP:one@example.com', 'smtp:both@example.com'] },
    { proxyAddresses: ['SMTP:two@example.com', 'smtp:both@example.com'] },
  ]);
  const clock = { now: () => 0 };
  assert.deepEqual(await addressResolver([twins], clock).resolveAddresses(['both@example.com', 'two@example.com']), {
    ok: true,
    value: [null, 'two@example.com'],
  });
  const silent: PeopleSearch = { searchUsers: async () => ({ ok: false, fault: fault('server.timeout', 'x') }) };
  const reply = await addressResolver([silent], clock).resolveAddresses(['a@b.example']);
  assert.equal(reply.ok ? '' : reply.fault.code, 'server.timeout');
  // Many names go in several searches.
  const many = people([]);
  await addressResolver([many], clock).resolveAddresses(
    Array.from({ length: 60 }, (_, index) => `p${index}@b.example`),
  );
  assert.equal(many.asked, 3);
});
