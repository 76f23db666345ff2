/** The directory as an independent LDAP client sees it (cases of the reference on Exchange 2007, section 8). */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Client, type Entry, InvalidCredentialsError, StrongAuthRequiredError } from 'ldapts';
import { element, firstElement, integer, octets, tags } from '../../faces/ldap/ber.ts';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';

const remoteMailbox = { msExchRecipientTypeDetails: '2147483648', msExchRemoteRecipientType: '4', homeMDB: null };
const crowd = Array.from({ length: 2500 }, (_, n) => ({ address: `p${n}@example.test`, password: 'x' }));

let exchange: RunningExchange;

before(async () => {
  exchange = await startExchange({
    ldap: {},
    tls: true,
    estate: {
      version: 'se',
      mailboxes: [
        {
          address: 'old@example.test',
          password: 'old-pw1',
          displayName: 'Olga (Old)*',
          aliases: ['o.old@example.test'],
          version: '2007sp3',
        },
        { address: 'new@example.test', password: 'new-pw1', displayName: 'Nina New' },
        {
          address: 'cloud@example.test',
          password: 'cloud-pw1',
          displayName: 'Cloud Clara',
          directory: { ...remoteMailbox, targetAddress: 'SMTP:cloud@tenant.mail.example.test' },
        },
        {
          address: 'off@example.test',
          password: 'off-pw1',
          displayName: 'Off Otto',
          directory: { userAccountControl: '514' },
        },
        { address: 'sam@sales.example.test', password: 'sam-pw1', displayName: 'Sales Sam' },
        { address: 'far@far.test', password: 'far-pw1', displayName: 'Far Fiona' },
        ...crowd,
      ],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1' }],
      directory: {
        domains: [
          { name: 'sales.example.test' },
          { name: 'loop.example.test', refersBack: true },
          { name: 'far.test', isForest: true },
        ],
        others: [{ name: 'Nobody Special' }],
      },
    },
  });
});
after(() => exchange.close());

async function bound(place: string | undefined = exchange.ldap?.controller): Promise<Client> {
  const client = new Client({ url: `ldap://${place}`, timeout: 5000 });
  await client.bind('svc@example.test', 'svc-pw1');
  return client;
}

async function find(filter: string, more: object = {}, place?: string): Promise<readonly Entry[]> {
  const client = await bound(place ?? exchange.ldap?.controller);
  const { searchEntries } = await client.search('DC=example,DC=test', { scope: 'sub', filter, paged: true, ...more });
  await client.unbind();
  return searchEntries;
}
const names = (entries: readonly Entry[]): readonly string[] => entries.map((one) => String(one.cn));
const configuration = 'CN=Configuration,DC=example,DC=test';

test('the root says what there is, to everybody', async () => {
  const client = new Client({ url: `ldap://${exchange.ldap?.controller}` });
  const { searchEntries } = await client.search('', { scope: 'base' });
  const [root] = searchEntries;
  assert.equal(root?.defaultNamingContext, 'DC=example,DC=test');
  assert.equal(root?.configurationNamingContext, configuration);
  assert.ok([root?.supportedControl].flat().includes('1.2.840.113556.1.4.319'));
  assert.equal(root?.isGlobalCatalogReady, 'TRUE');
  await assert.rejects(client.search('DC=example,DC=test', { filter: '(mail=old@example.test)' }));
  await client.unbind();
});

test('names of every form bind; a wrong password and a disabled account do not', async () => {
  const client = new Client({ url: `ldap://${exchange.ldap?.controller}` });
  for (const name of ['old@example.test', 'EXAMPLE\\old', 'CN=Nina New,CN=Users,DC=example,DC=test']) {
    await client.bind(name, name.includes('Nina') ? 'new-pw1' : 'old-pw1');
  }
  await assert.rejects(client.bind('old@example.test', 'wrong'), InvalidCredentialsError);
  await assert.rejects(client.bind('off@example.test', 'off-pw1'), /533/);
  await client.unbind();
});

test('58: people are found by any of their addresses in any case, and odd names can be asked for', async () => {
  assert.deepEqual(names(await find('(proxyAddresses=SMTP:O.Old@EXAMPLE.test)')), ['Olga (Old)*']);
  assert.deepEqual(names(await find('(cn=Olga \\28Old\\29\\2a)')), ['Olga (Old)*']);
  assert.deepEqual(
    names(await find('(&(objectCategory=person)(objectClass=user)(|(cn=nina*)(cn=*otto))(!(mail=off@example.test)))')),
    ['Nina New'],
  );
});

test('58: 2,500 people come in pages, and a search without pages is cut at 1,000', async () => {
  const all = await find('(&(objectCategory=person)(objectClass=user)(mailNickname=*))', { paged: { pageSize: 500 } });
  assert.ok(all.length >= 2504, String(all.length));
  assert.equal(new Set(all.map((one) => one.dn)).size, all.length);
  await assert.rejects(find('(mailNickname=*)', { paged: false }), /0x4|size/i);
});

test('58: many members come in ranges', async () => {
  const [group] = await find('(cn=All Staff)', { attributes: ['member'] });
  const first = group?.['member;range=0-1499'];
  assert.equal(Array.isArray(first) ? first.length : 0, 1500);
  const [rest] = await find('(cn=All Staff)', { attributes: ['member;range=1500-*'] });
  const last = rest?.['member;range=1500-*'];
  assert.equal(Array.isArray(last) ? last.length : 0, 1006);
});

test('59: users on an old server, on a new one, in the cloud, and without mailbox differ as documented', async () => {
  const [old] = await find('(mail=old@example.test)');
  assert.match(
    String(old?.homeMDB),
    /^CN=Mailbox Database,CN=First Storage Group,CN=InformationStore,CN=EX-2007SP3,CN=Servers,/,
  );
  assert.match(String(old?.msExchHomeServerName), /\/cn=Configuration\/cn=Servers\/cn=EX-2007SP3$/);
  const [fresh] = await find('(mail=new@example.test)');
  assert.match(String(fresh?.homeMDB), /^CN=DB-EX-SE,CN=Databases,/);
  const [cloud] = await find('(msExchRecipientTypeDetails:1.2.840.113556.1.4.803:=2147483648)');
  assert.equal(cloud?.targetAddress, 'SMTP:cloud@tenant.mail.example.test');
  assert.equal(cloud?.homeMDB, undefined);
  const [nobody] = await find('(cn=Nobody Special)');
  assert.equal(nobody?.mailNickname, undefined);
});

test('60, 61: a server object says its build, its address and who owns a database', async () => {
  const client = await bound();
  const { searchEntries } = await client.search(configuration, {
    filter: '(&(objectCategory=msExchExchangeServer)(msExchCurrentServerRoles:1.2.840.113556.1.4.803:=4))',
  });
  assert.deepEqual(searchEntries.map((one) => [one.cn, one.serialNumber, one.versionNumber]).sort(), [
    ['EX-2007SP3', 'Version 8.3 (Build 30083.6)', String(0x7000_8000 + 8 * 2 ** 22 + 3 * 2 ** 16 + 83)],
    ['EX-SE', 'Version 15.2 (Build 32562.17)', String(0x7000_8000 + 15 * 2 ** 22 + 2 * 2 ** 16 + 2562)],
  ]);
  const [fresh] = await find('(mail=new@example.test)');
  const database = await client.search(String(fresh?.homeMDB), { scope: 'base' });
  assert.equal(database.searchEntries[0]?.msExchOwningServer, searchEntries.find((one) => one.cn === 'EX-SE')?.dn);
  const agent = await client.search(String(fresh?.homeMTA), { scope: 'base' });
  assert.ok([agent.searchEntries[0]?.networkAddress].flat().includes('ncacn_ip_tcp:ex-se.example.test'));
  await client.unbind();
});

test('autodiscover is found by its service connection point', async () => {
  const client = await bound();
  const { searchEntries } = await client.search(configuration, {
    filter: '(&(objectClass=serviceConnectionPoint)(keywords=77378F46-2C66-4aa9-A6A6-3E7A48B19596))',
  });
  assert.ok(searchEntries.length >= 2);
  for (const one of searchEntries) {
    assert.equal(one.serviceBindingInformation, `${exchange.origin}/Autodiscover/Autodiscover.xml`);
  }
  await client.unbind();
});

test('62: after the move of a mailbox the directory names its new server', async () => {
  exchange.moveMailbox('old@example.test', '2016');
  const [old] = await find('(mail=old@example.test)');
  assert.match(String(old?.homeMDB), /^CN=DB-EX-2016,CN=Databases,/);
  const client = await bound();
  const database = await client.search(String(old?.homeMDB), { scope: 'base' });
  assert.equal(database.searchEntries.length, 1);
  await client.unbind();
});

test('another domain is referred to, and found there or in the global catalog; another forest is in neither', async () => {
  const client = await bound();
  const there = exchange.ldap?.others.get('sales.example.test');
  assert.ok((await rawSearch('CN=Users,DC=sales,DC=example,DC=test')).includes(`ldap://${there}/CN=Users,DC=sales`));
  const { searchReferences } = await client.search('DC=example,DC=test', { filter: '(mail=new@example.test)' });
  assert.ok(
    searchReferences.some((one) => one.includes(`${there}/DC=sales`)),
    String(searchReferences),
  );
  await client.unbind();
  const sales = await bound(there);
  const direct = await sales.search('DC=sales,DC=example,DC=test', { filter: '(mail=sam@sales.example.test)' });
  assert.equal(direct.searchEntries.length, 1);
  await sales.unbind();
  const catalog = await bound(exchange.ldap?.globalCatalog);
  const both = await catalog.search('', {
    filter: '(|(mail=sam@sales.example.test)(mail=far@far.test)(mail=new@example.test))',
  });
  assert.deepEqual(names(both.searchEntries).toSorted(), ['Nina New', 'Sales Sam']);
  await catalog.unbind();
});

test('a controller that refers back does so whatever it is asked', async () => {
  const loop = exchange.ldap?.others.get('loop.example.test');
  assert.ok((await rawSearch('DC=loop,DC=example,DC=test')).includes(`ldap://${loop}/`));
  const back = `ldap://${exchange.ldap?.controller}/DC=loop`;
  assert.ok((await rawSearch('DC=loop,DC=example,DC=test', loop)).includes(back));
});

test('the directory speaks TLS from the start, or begins it when asked', async () => {
  const tlsOptions = { ca: [exchange.ca ?? ''] };
  const secure = new Client({ url: `ldaps://${exchange.ldap?.secureController}`, tlsOptions });
  await secure.bind('svc@example.test', 'svc-pw1');
  await secure.unbind();
  const later = new Client({ url: `ldap://${exchange.ldap?.controller}` });
  await later.startTLS(tlsOptions);
  await later.bind('svc@example.test', 'svc-pw1');
  await later.unbind();
});

test('63: a controller that demands signing refuses a plain bind, and says why', async () => {
  const strict = await startExchange({
    ldap: {},
    estate: { mailboxes: [{ address: 'a@example.test', password: 'a' }], directory: { requiresSigning: true } },
  });
  const client = new Client({ url: `ldap://${strict.ldap?.controller}` });
  await assert.rejects(client.bind('a@example.test', 'a'), StrongAuthRequiredError);
  await client.unbind();
  await strict.close();
});

/** Sends bytes and answers everything that comes back before the server hangs up, or after one whole message. */
function raw(bytes: Buffer, messages = 1, place = exchange.ldap?.controller): Promise<Buffer> {
  const [host = '', port = ''] = (place ?? '').split(':');
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
    const socket = connect(Number(port), host, () => socket.write(bytes));
    socket.on('data', (more) => {
      got = Buffer.concat([got, Buffer.from(more)]);
      if (countOf(got) >= messages) socket.destroy();
    });
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

function countOf(bytes: Buffer): number {
  const first = firstElement(bytes);
  return first.kind === 'element' ? 1 + countOf(bytes.subarray(first.end)) : 0;
}

/** The answer to a search of everything in one object, as bytes. */
function rawSearch(base: string, place?: string): Promise<Buffer> {
  const query = searchOf(base, element(0x87, Buffer.from('objectClass')));
  return raw(Buffer.concat([simpleBind(1), element(tags.sequence, integer(2), query)]), 2, place);
}

const searchOf = (base: string, filter: Uint8Array): Buffer =>
  element(
    0x63,
    octets(base),
    integer(2, tags.enumerated),
    integer(0, tags.enumerated),
    integer(0),
    integer(0),
    element(tags.boolean, Buffer.of(0)),
    filter,
    element(tags.sequence),
  );

const simpleBind = (id: number): Buffer =>
  element(tags.sequence, integer(id), element(0x60, integer(3), octets('svc@example.test'), octets('svc-pw1', 0x80)));

test('bytes that are no message end the connection with a notice, and nobody else notices', async () => {
  const endless = Buffer.concat([Buffer.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff), Buffer.alloc(100)]);
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    endless,
    Buffer.alloc(64, 0xff),
    Buffer.of(0x30, 0x80, 0, 0),
  ]) {
    const answer = await raw(bytes);
    assert.ok(answer.includes('1.3.6.1.4.1.1466.20036'), answer.toString('latin1'));
  }
  let deep: Uint8Array = element(0x87, Buffer.from('cn'));
  for (let n = 0; n < 5000; n += 1) deep = element(0xa2, deep);
  const nested = element(tags.sequence, integer(2), searchOf('', deep));
  assert.ok((await raw(nested)).includes('1.3.6.1.4.1.1466.20036'));
  assert.equal((await raw(simpleBind(7))).includes(Buffer.of(0x61)), true);
});

test('a critical control that nobody knows, a write, and a broken name are refused', async () => {
  const client = await bound();
  await assert.rejects(client.search('no name at all', { filter: '(cn=*)' }), /0x22|invalid/i);
  await assert.rejects(client.del('CN=Nina New,CN=Users,DC=example,DC=test'), /0x32|insufficient/i);
  await assert.rejects(client.search('CN=Nowhere,DC=example,DC=test', { filter: '(cn=*)' }), /0x20|no such/i);
  await client.unbind();
});

test('60: a database of a group of servers names its active one, however stale the user object is', async () => {
  const grouped = await startExchange({
    ldap: {},
    estate: {
      mailboxes: [
        { address: 'a@example.test', password: 'a', directory: { msExchHomeServerName: '/o=Old/cn=Servers/cn=GONE' } },
      ],
      directory: { servers: [{ version: 'se', name: 'NODE1', availabilityGroup: 'DAG1' }] },
    },
  });
  const client = new Client({ url: `ldap://${grouped.ldap?.controller}` });
  await client.bind('a@example.test', 'a');
  const user = await client.search('DC=example,DC=test', { filter: '(mail=a@example.test)' });
  assert.match(String(user.searchEntries[0]?.msExchHomeServerName), /GONE$/);
  const database = await client.search(String(user.searchEntries[0]?.homeMDB), { scope: 'base' });
  assert.match(String(database.searchEntries[0]?.msExchOwningServer), /^CN=NODE1,CN=Servers,/);
  assert.match(
    String(database.searchEntries[0]?.msExchMasterServerOrAvailabilityGroup),
    /^CN=DAG1,CN=Database Availability/,
  );
  await client.unbind();
  await grouped.close();
});
