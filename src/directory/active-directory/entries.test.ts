import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilterParser } from 'ldapts';
import { legacyName, namesOf, primarySmtp, smtpAddress } from './addresses.ts';
import type { LdapEntry } from './entry.ts';
import { lastName, readMailboxEntry, serverOfDatabase } from './mailbox-entry.ts';
import { dnsNameOf, filterValue, guidText, rdnsOf } from './names.ts';
import { mergedEntry, nextRange, type RawEntry, withRange } from './ranges.ts';
import { isWorthFollowing, readReferral, referralsOfText } from './referral.ts';

const groups =
  'CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,CN=Org,CN=Microsoft Exchange';

function entry(attributes: Readonly<Record<string, string | readonly string[]>>): LdapEntry {
  const pairs = Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()] as const);
  return { dn: 'CN=Ann,OU=Staff,DC=example,DC=com', attributes: new Map(pairs) };
}

const homeOf = (attributes: Readonly<Record<string, string>>) => readMailboxEntry(entry(attributes)).home;

test('the server of a 2007 mailbox is read out of the name of its database, that of a later one is not', () => {
  const server = `CN=SRV\\, one,CN=Servers,${groups}`;
  const old = `CN=Mailbox Database,CN=First Storage Group,CN=InformationStore,${server}`;
  assert.equal(serverOfDatabase(old), server);
  assert.equal(serverOfDatabase(`CN=DB1,CN=Databases,${groups}`), undefined);
  assert.deepEqual(homeOf({ homeMDB: old, msExchHomeServerName: '/o=Org/ou=X/cn=Configuration/cn=Servers/cn=STALE' }), {
    kind: 'here',
    database: old,
    server,
    serverName: 'STALE',
  });
  assert.equal(lastName('/o=Org/ou=X/cn=Configuration/cn=Servers/cn=MBX1'), 'MBX1');
});

test('a mailbox in the cloud, in another organisation, or nowhere is told apart', () => {
  const online = 'ann@tenant.mail.onmicrosoft.com';
  const target = { targetAddress: `SMTP:${online}` };
  const table: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    ['remote user', { msExchRecipientTypeDetails: '2147483648', ...target }, { kind: 'online', target: online }],
    ['remote room', { msExchRecipientTypeDetails: '8589934592' }, { kind: 'online' }],
    ['remote shared', { msExchRecipientTypeDetails: '34359738368' }, { kind: 'online' }],
    ['migrated', { msExchRemoteRecipientType: '4', ...target }, { kind: 'online', target: online }],
    [
      'only the archive is remote',
      { msExchRemoteRecipientType: '2', homeMDB: `CN=D,CN=Databases,${groups}` },
      { kind: 'here', database: `CN=D,CN=Databases,${groups}` },
    ],
    ['mail user', { targetAddress: 'SMTP:Ann@Other.example' }, { kind: 'elsewhere', target: 'ann@other.example' }],
    ['an account without mailbox', { mail: 'ann@example.com' }, { kind: 'none' }],
    ['flags that are no number', { msExchRecipientTypeDetails: 'x' }, { kind: 'none' }],
  ];
  for (const [name, attributes, expected] of table) assert.deepEqual(homeOf(attributes), expected, name);
});

test('the primary address is the one in capitals, and every proxy is a name of its owner', () => {
  const proxies = [
    'smtp:a@old.example',
    'SMTP:Ann@Example.com',
    'X500:/o=Old/cn=Recipients/cn=ann',
    'sip:ann@example.com',
  ];
  assert.equal(primarySmtp(proxies, 'other@example.com'), 'ann@example.com');
  assert.equal(primarySmtp([], 'Mail@Example.com'), 'mail@example.com');
  assert.equal(primarySmtp(['smtp:a@b'], undefined), undefined);
  assert.deepEqual([...namesOf(proxies, '/o=New/cn=Recipients/cn=Ann', 'ann@example.com')].sort(), [
    '/o=new/cn=recipients/cn=ann',
    '/o=old/cn=recipients/cn=ann',
    'a@old.example',
    'ann@example.com',
  ]);
  assert.equal(legacyName('EX:/o=Org/cn=X'), '/o=org/cn=x');
  assert.equal(legacyName('ann@example.com'), undefined);
  assert.equal(smtpAddress('SMTP:Ann@B'), 'ann@b');
});

test('any text is a value of a filter and never more than that', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const parsed = FilterParser.parseString(`(mail=${filterValue(text)})`) as { attribute?: string; value?: unknown };
      assert.equal(parsed.attribute, 'mail');
      assert.equal(String(parsed.value ?? ''), text);
    }),
    { examples: [['*'], ['a)(objectClass=*'], ['\\'], ['(\0)']] },
  );
});

/** As RFC 4514 section 2.4 writes a value: special characters behind a backslash, blanks at the ends as their code. */
function rdnValue(text: string): string {
  return text
    .replace(/[\\",+<>;=#]/g, '\\$&')
    .replace(/^ | $/g, '\\20')
    .replaceAll('\0', '\\00');
}

test('any text is one part of a distinguished name and is read back as it was', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(word, word, (leaf, parent) => {
      const parts = rdnsOf(`CN=${rdnValue(leaf)},OU=${rdnValue(parent)},DC=x`);
      assert.deepEqual(
        parts?.map(({ value }) => value),
        [leaf, parent, 'x'],
      );
      assert.equal(parts?.[2]?.rest, 'DC=x');
    }),
    {
      examples: [
        [' a ', '#b'],
        ['a,b', 'c\\'],
        ['+', '  '],
      ],
    },
  );
  for (const odd of ['', 'x', 'CN=a,', 'CN=\\zz', '=a', ',']) {
    assert.ok((rdnsOf(odd) ?? []).length === 0, odd);
  }
  assert.equal(rdnsOf('CN=M\\C3\\BCller')?.[0]?.value, 'Müller');
  assert.equal(dnsNameOf('CN=x,DC=Corp,DC=example,DC=com'), 'corp.example.com');
});

test('a GUID is written as Exchange writes it', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, at) => at);
  assert.equal(guidText(bytes), '03020100-0504-0706-0809-0a0b0c0d0e0f');
  assert.equal(guidText(bytes.slice(1)), undefined);
});

test('values that come in ranges are put together, whatever the size of the ranges', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (all, size) => {
        const part = (from: number): RawEntry => {
          const isLast = from + size >= all.length;
          const to = isLast ? '*' : String(from + size - 1);
          return { dn: 'x', proxyAddresses: [], [`proxyAddresses;range=${from}-${to}`]: all.slice(from, from + size) };
        };
        let whole = part(0);
        for (let range = nextRange(whole); range !== undefined; range = nextRange(whole)) {
          const more = withRange(whole, part(range.from), range);
          assert.ok(more !== undefined);
          whole = more;
        }
        assert.deepEqual(mergedEntry(whole).attributes.get('proxyaddresses'), all);
      },
    ),
  );
});

test('a range that does not go on is noticed instead of being asked for again and again', () => {
  const half: RawEntry = { dn: 'x', 'member;range=0-1': ['a', 'b'] };
  const range = nextRange(half) ?? assert.fail('a range is missing');
  assert.equal(withRange(half, undefined, range), undefined);
  assert.equal(withRange(half, { dn: 'x', 'member;range=0-1': ['a', 'b'] }, range), undefined);
  assert.equal(withRange(half, { dn: 'x', 'member;range=2-3': [] }, range), undefined);
});

test('only referrals to hosts of the same forest that hold people are followed', () => {
  const read = (url: string) => readReferral(url) ?? assert.fail(url);
  const child = read('ldap://child.corp.example.com/DC=child,DC=corp,DC=example,DC=com??sub');
  assert.deepEqual(child, { host: 'child.corp.example.com', base: 'DC=child,DC=corp,DC=example,DC=com' });
  const follows = (url: string) => isWorthFollowing(read(url), 'corp.example.com');
  assert.equal(follows('ldap://child.corp.example.com/DC=child,DC=corp,DC=example,DC=com'), true);
  assert.equal(follows('ldap://corp.example.com/CN=Configuration,DC=corp,DC=example,DC=com'), false);
  assert.equal(follows('ldap://DomainDnsZones.corp.example.com/DC=DomainDnsZones,DC=corp,DC=example,DC=com'), false);
  assert.equal(follows('ldap://evil.example.net/DC=corp,DC=example,DC=com'), false);
  assert.equal(follows('ldap://notcorp.example.com/DC=corp,DC=example,DC=com'), false);
  for (const odd of ['', 'http://x/', 'ldap://', 'ldap://h', 'ldap:///DC=x', 'ldap://h/%zz']) {
    assert.equal(readReferral(odd), undefined, odd);
  }
  const text = "0000202B: RefErr: DSID-0310063C, data 0, 1 access points\n\tref 1: 'child.corp.example.com'\n";
  assert.deepEqual(referralsOfText(text, 'DC=x'), [{ host: 'child.corp.example.com', base: 'DC=x' }]);
});
