/** The same questions to a plain LDAP server (OpenLDAP): nothing is taken for granted that only Active Directory has. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import { sizeLimit, slapd, whyNoSlapd } from '#testing/slapd.ts';
import type { Trail } from '../found.ts';
import { ActiveDirectory } from './active-directory.ts';
import { LdapSession, type LdapSettings } from './ldap-session.ts';

const reason = whyNoSlapd();
const people = 45;

const server = 'cn=SRV\\, one,cn=Servers,dc=localhost';

function thing(dn: string, lines: readonly string[]): string {
  return [`dn: ${dn}`, 'objectClass: exchangeThing', ...lines, ''].join('\n');
}

const content = [
  ['dn: cn=svc,dc=localhost', 'objectClass: person', 'cn: svc', 'sn: svc', 'userPassword: right', ''].join('\n'),
  thing('cn=Servers,dc=localhost', []),
  thing(server, ['serialNumber: Version 14.3 (Build 30123.4)']),
  thing(`cn=InformationStore,${server}`, []),
  thing(`cn=Group,cn=InformationStore,${server}`, []),
  thing(`cn=Store,cn=Group,cn=InformationStore,${server}`, []),
  thing('cn=DB1,dc=localhost', [`msExchOwningServer: ${server}`]),
  thing('cn=ann,dc=localhost', ['proxyAddresses: SMTP:ann@example.test', 'homeMDB: cn=DB1,dc=localhost']),
  thing('cn=bob,dc=localhost', ['mail: bob@example.test', `homeMDB: cn=Store,cn=Group,cn=InformationStore,${server}`]),
  thing('cn=one,dc=localhost', ['proxyAddresses: smtp:both@example.test']),
  thing('cn=two,dc=localhost', ['proxyAddresses: smtp:both@example.test']),
  ...Array.from({ length: people }, (_, at) => thing(`cn=p${at},dc=localhost`, [`mailNickname: p${at}`])),
  // A part of the tree that is said to be elsewhere: on this very server, which refers back to itself.
  [
    'dn: ou=away,dc=localhost',
    'objectClass: referral',
    'objectClass: extensibleObject',
    'ou: away',
    'ref: ldap://localhost:$PORT/ou=away,dc=localhost',
    '',
  ].join('\n'),
].join('\n');

describe('a plain LDAP server', { skip: reason === undefined ? false : `not run: ${reason}` }, () => {
  test('mailboxes are found there too, pages and limits hold, and a referral to itself ends', async (t) => {
    const running = await slapd(t, content);
    const settings: LdapSettings = {
      signIn: { user: running.user, password: running.password },
      startTls: false,
      tls: { allowOldVersions: false },
      connectMs: 5_000,
      requestMs: 10_000,
      pageEntries: 7,
    };
    const directory = new ActiveDirectory(
      { ...settings, name: 'plain', urls: [running.url], globalCatalogs: [], serverMs: 60_000 },
      systemPorts(),
      async () => [],
    );
    t.after(() => directory.close());
    const find = async (address: string): Promise<string> => {
      const trail: Trail = [];
      const found = await directory.find(address, trail);
      if (found.kind === 'failed') return found.fault.code;
      return found.kind === 'found' ? `${found.location.server} ${found.location.version}` : found.kind;
    };
    assert.equal(await find('ANN@example.test'), 'srv, one 14.3.123.4');
    assert.equal(await find('bob@example.test'), 'srv, one 14.3.123.4');
    assert.equal(await find('nobody@example.test'), 'unknown');
    assert.equal(await find('both@example.test'), 'mailbox.notFound');

    const session = new LdapSession([running.url], settings);
    t.after(() => session.close());
    const all = {
      base: 'dc=localhost',
      scope: 'sub',
      filter: '(mailNickname=*)',
      attributes: ['cn'],
      entriesMax: 100,
    } as const;
    const listed = await session.search(all);
    assert.ok(listed.ok && listed.value.length === people && people > sizeLimit);
    const refused = await session.search({ ...all, base: 'no name' });
    assert.equal(refused.ok ? '' : refused.fault.code, 'defect.request');
    const followed = await session.search({ ...all, forest: 'localhost' });
    assert.ok(followed.ok, followed.ok ? '' : followed.fault.message);
    assert.equal(followed.value.length, people);
    assert.deepEqual(await session.search({ ...all, base: 'cn=absent,dc=localhost' }), { ok: true, value: [] });

    const wrong = new LdapSession([running.url], { ...settings, signIn: { user: running.user, password: 'wrong' } });
    t.after(() => wrong.close());
    const reply = await wrong.search(all);
    assert.equal(reply.ok ? '' : reply.fault.source, 'LDAP 49');
  });
});
