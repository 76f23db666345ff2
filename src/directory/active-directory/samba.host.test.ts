/** Finding mailboxes in a real Active Directory (Samba), with the attributes that Exchange adds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import { type DomainController, domainController, whyNoSamba } from '#testing/samba/domain-controller.ts';
import { aliasesOfBob } from '#testing/samba/exchange-schema.ts';
import type { Trail } from '../found.ts';
import { addressResolver } from '../resolve-addresses.ts';
import { ActiveDirectory, type ActiveDirectorySettings } from './active-directory.ts';
import { textsOf } from './entry.ts';

const reason = whyNoSamba();

function directoryOn(controller: DomainController, more: Partial<ActiveDirectorySettings> = {}): ActiveDirectory {
  const settings: ActiveDirectorySettings = {
    name: 'corp',
    urls: [controller.ldaps],
    globalCatalogs: [controller.catalog],
    signIn: { user: controller.user, password: controller.password },
    startTls: false,
    tls: { caFile: controller.caFile, allowOldVersions: false },
    connectMs: 5_000,
    requestMs: 20_000,
    pageEntries: 500,
    serverMs: 60_000,
    ...more,
  };
  return new ActiveDirectory(settings, systemPorts(), async () => []);
}

describe('a real Active Directory', { skip: reason === undefined ? false : `not run: ${reason}` }, () => {
  test('mailboxes, servers, people and service points are found, and wrong ways in are told apart', async (t) => {
    const controller = await domainController(t);
    if (typeof controller === 'string') return t.skip(`not run: ${controller}`);
    const directory = directoryOn(controller);
    t.after(() => directory.close());
    const find = async (address: string, where = directory) => {
      const trail: Trail = [];
      const found = await where.find(address, trail);
      if (found.kind === 'failed') return found.fault.code;
      if (found.kind !== 'found') return found.kind === 'redirected' ? found.address : found.kind;
      const { server, version, protocols, smtp, urls } = found.location;
      return [server, version, protocols[0], smtp, urls[0]].join(' ');
    };

    // A group of servers: the database names the active one, whatever the user's older attribute says.
    const ann = 'mbx1.liaison.test 15.2.2562.17 ews ann@example.test https://mbx1.liaison.test/EWS/Exchange.asmx';
    assert.equal(await find('ann@example.test'), ann);
    assert.equal(await find('A.Archer@Example.test'), ann);
    // 2007: the database stands below its server. The entry has more addresses than one answer gives out.
    assert.match(
      String(await find(`bob${aliasesOfBob - 1}@example.test`)),
      /^old\.liaison\.test 8\.3\.83\.6 webdav bob@example\.test/,
    );
    assert.equal(await find('carol@example.test'), '  graph carol@example.test ');
    assert.equal(await find('dave@example.test'), 'dave@other.example');
    assert.equal(await find('erin@example.test'), 'unknown');
    assert.equal(await find('nobody@example.test'), 'unknown');
    assert.equal(await find('*'), 'unknown');
    assert.equal(await find('ann)(objectClass=*'), 'unknown');

    const bob = await directory.searchUsers({
      filter: '(sAMAccountName=bob)',
      attributes: ['proxyAddresses'],
      entriesMax: 1,
    });
    assert.ok(bob.ok && bob.value[0] !== undefined);
    assert.equal(new Set(textsOf(bob.value[0], 'proxyAddresses')).size, aliasesOfBob + 1);

    assert.deepEqual(await directory.servicePoints(), {
      ok: true,
      value: ['https://autodiscover.liaison.test/Autodiscover/Autodiscover.xml'],
    });
    const looked = await directory.look();
    assert.ok(looked.ok);
    assert.equal(looked.value.servers, 2);
    assert.equal(looked.value.root.isGlobalCatalog, true);

    // Without a catalog: only the domain, whose own referrals lead nowhere of use.
    const plain = directoryOn(controller, { globalCatalogs: [], pageEntries: 1 });
    t.after(() => plain.close());
    assert.equal(await find('ann@example.test', plain), ann);
    // StartTLS on the plain port; and without any encryption the server itself refuses.
    const starting = directoryOn(controller, { urls: [controller.ldap], globalCatalogs: [], startTls: true });
    t.after(() => starting.close());
    assert.equal(await find('ann@example.test', starting), ann);
    const readable = directoryOn(controller, { urls: [controller.ldap], globalCatalogs: [] });
    t.after(() => readable.close());
    assert.equal(await find('ann@example.test', readable), 'server.tls');
    const wrong = directoryOn(controller, { signIn: { user: controller.user, password: 'wrong' } });
    t.after(() => wrong.close());
    assert.equal(await find('ann@example.test', wrong), 'authentication.rejected');
    const untrusted = directoryOn(controller, { tls: { allowOldVersions: false } });
    t.after(() => untrusted.close());
    assert.equal(await find('ann@example.test', untrusted), 'server.tls');

    const resolver = addressResolver([directory], systemPorts().clock);
    const names = [
      'EX:/O=Liaison/ou=X/CN=Recipients/cn=ANN',
      'X500:/o=older/cn=recipients/cn=ann',
      'smtp:bob7@example.test',
      'nobody@example.test',
      'no address',
    ];
    assert.deepEqual(await resolver.resolveAddresses(names), {
      ok: true,
      value: ['ann@example.test', 'ann@example.test', 'bob@example.test', null, null],
    });
  });
});
