import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailboxLocation } from '#contract/location.ts';
import { matchServer, type ServerChoice } from './match-server.ts';
import { route } from './route.ts';

const location = (more: Partial<MailboxLocation> = {}): MailboxLocation => ({
  urls: [],
  protocols: [],
  smtp: 'ann@example.com',
  source: 'activeDirectory',
  directory: 'corp',
  at: '2026-03-05T09:00:00Z',
  ...more,
});

test('the version of the server decides which connector serves a mailbox', () => {
  const table: readonly (readonly [string | undefined, MailboxLocation['protocols'], string])[] = [
    ['6.5.7638.2', [], 'none: Exchange 6.5 is older than 2007'],
    ['8.0.685.25', ['webdav'], 'exchange2007'],
    ['8.3', ['ews'], 'exchange2007'],
    ['14.0.639.11', ['ews'], 'ews'],
    ['14.3.123.4', [], 'ews'],
    ['15.0.847.32', [], 'ews'],
    ['15.1.2507.6', [], 'ews'],
    ['15.2.2562.17', [], 'ews'],
    ['15.20.3370.16', ['ews'], 'graph'],
    ['15.2.2562.17', ['graph'], 'graph'],
    [undefined, ['graph'], 'graph'],
    [undefined, ['ews'], 'ews'],
    [undefined, ['webdav'], 'exchange2007'],
    [undefined, [], 'none: neither the version of its server nor a way to speak to it is known'],
    ['nonsense', ['ews'], 'ews'],
    ['16.0.1.1', ['ews'], 'none: Exchange 16.0 is newer than this program knows'],
  ];
  for (const [version, protocols, expected] of table) {
    const routed = route({ protocols, ...(version !== undefined && { version }) });
    const found = routed.kind === 'connector' ? routed.connector : `none: ${routed.reason}`;
    assert.equal(found, expected, `${version} ${protocols}`);
  }
});

const servers: readonly ServerChoice[] = [
  {
    name: 'main',
    kind: 'ews',
    url: 'https://mail.example.com/EWS/Exchange.asmx',
    mailboxServers: ['mbx1', 'mbx2.example.com'],
  },
  { name: 'branch', kind: 'ews', url: 'https://branch.example.com/EWS/Exchange.asmx', mailboxServers: [] },
  { name: 'old', kind: 'exchange2007', url: 'https://old.example.com/exchange', mailboxServers: [] },
];

function matched(more: Partial<MailboxLocation>, choice = servers): string {
  const match = matchServer(location(more), choice);
  return match.kind === 'server' ? match.name : match.message;
}

test('a mailbox goes to the configured server that lists its mailbox server, then to the one with its host', () => {
  const modern = { version: '15.2.2562.17' };
  assert.equal(matched({ ...modern, server: 'mbx1.example.com' }), 'main');
  assert.equal(matched({ ...modern, server: 'MBX2' }), 'main');
  assert.equal(matched({ ...modern, server: 'mbx2.example.com' }), 'main');
  assert.equal(
    matched({ ...modern, server: 'mbx9.example.com', urls: ['https://mail.example.com/EWS/Exchange.asmx'] }),
    'main',
  );
  assert.equal(matched({ ...modern, server: 'branch.example.com' }), 'branch');
  // Two long names that begin alike are two servers.
  assert.equal(matched({ ...modern, server: 'mbx2.other.com' }), 'branch');
});

test('the kind of the connector comes before any name', () => {
  assert.equal(matched({ version: '8.3.83.6', server: 'mbx1.example.com' }), 'old');
});

test('a mailbox no configured server can reach is told in words', () => {
  assert.match(matched({ protocols: ['graph'] }), /Exchange Online and needs a server of kind graph/);
  assert.match(matched({ version: '8.1.240' }, servers.slice(0, 2)), /needs a server of kind exchange2007/);
  assert.match(matched({ version: '15.2.1', server: 'mbx9' }, servers.slice(0, 1)), /no server of kind ews lists mbx9/);
  assert.match(matched({ version: '6.5.1' }), /older than 2007/);
});

test('two servers that fit equally well are a mistake that is told, never a guess', () => {
  const twins = servers.map((one) => ({ ...one, mailboxServers: ['mbx1'] }));
  assert.match(matched({ version: '15.2.1', server: 'mbx1' }, twins), /several servers could reach mbx1: main, branch/);
});
