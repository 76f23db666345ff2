import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { baseOf, candidatesFor, maySignIn } from './candidates.ts';
import { jsonUrl, readJson } from './json.ts';
import { buildPox, readPox } from './pox.ts';
import { buildUserSettings, readUserSettings } from './soap.ts';

const outlook = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const plain = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';

const pox = (inner: string, ns = outlook): string =>
  `<?xml version="1.0"?><Autodiscover xmlns="${plain}"><Response xmlns="${ns}">${inner}</Response></Autodiscover>`;

const soapUser = (inner: string, code = 'NoError'): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response><ErrorCode>${code}</ErrorCode><UserResponses><UserResponse>${inner}</UserResponse></UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`;

const setting = (name: string, value: string): string =>
  `<UserSetting><Name>${name}</Name><Value>${value}</Value></UserSetting>`;

test('a recorded SOAP answer of a server is understood', () => {
  const file = '../../../testing/ews-samples/recorded/autodiscover-soap-getusersettings-online15.1.xml';
  const read = readUserSettings(readFileSync(new URL(file, import.meta.url), 'utf8'));
  assert.equal(read.kind, 'settings');
  const { settings } = read as Extract<typeof read, { kind: 'settings' }>;
  assert.match(settings.version ?? '', /^15\.1\./);
  assert.ok(settings.urls.every((url) => /^https:.*\/ews\/exchange\.asmx$/i.test(url)) && settings.urls.length > 0);
});

test('a mailbox whose web services stop before Exchange 2010 is on 2007, whoever answered for it', () => {
  const read = readUserSettings(
    soapUser(
      `<ErrorCode>NoError</ErrorCode><UserSettings>${setting('InternalEwsUrl', 'https://old.example.com/EWS/Exchange.asmx')}${setting('CasVersion', '14.03.0123.004')}${setting('EwsSupportedSchemas', 'Exchange2007, Exchange2007_SP1')}</UserSettings>`,
    ),
  );
  assert.ok(read.kind === 'settings');
  assert.equal(read.settings.version, '8.0');
  assert.deepEqual(read.settings.protocols, ['webdav']);
});

test('redirects, unknown users and busy servers are told apart in both XML dialects', () => {
  const user = (code: string, target = '') =>
    readUserSettings(soapUser(`<ErrorCode>${code}</ErrorCode><RedirectTarget>${target}</RedirectTarget>`));
  assert.deepEqual(user('RedirectAddress', 'Ann@Tenant.example'), { kind: 'address', address: 'ann@tenant.example' });
  assert.deepEqual(user('RedirectUrl', 'https://x/y.svc'), { kind: 'url', url: 'https://x/y.svc' });
  assert.equal(user('InvalidUser').kind, 'unknown');
  assert.equal(user('ServerBusy').kind, 'busy');
  assert.equal(readUserSettings(soapUser('', 'ServerBusy')).kind, 'busy');
  const account = (inner: string) => readPox(pox(`<Account>${inner}</Account>`));
  assert.deepEqual(account('<Action>redirectAddr</Action><RedirectAddr>a@b.example</RedirectAddr>'), {
    kind: 'address',
    address: 'a@b.example',
  });
  assert.deepEqual(account('<Action>redirectUrl</Action><RedirectUrl>https://x/a.xml</RedirectUrl>'), {
    kind: 'url',
    url: 'https://x/a.xml',
  });
  const error = (code: number) => readPox(pox(`<Error><ErrorCode>${code}</ErrorCode></Error>`, plain)).kind;
  assert.deepEqual([500, 501, 600, 601].map(error), ['unknown', 'unknown', 'busy', 'busy']);
});

test('the plain XML dialect tells version, server and the GUID that stands where a server should', () => {
  const protocol = (server: string) =>
    `<User><LegacyDN>/o=Org/cn=Ann</LegacyDN><AutoDiscoverSMTPAddress>Ann@Example.com</AutoDiscoverSMTPAddress></User><Account><AccountType>email</AccountType><Action>settings</Action><Protocol><Type>EXCH</Type><Server>${server}</Server><ServerVersion>73C08204</ServerVersion><EwsUrl>https://in.example.com/EWS/Exchange.asmx</EwsUrl></Protocol><Protocol><Type>EXPR</Type><EwsUrl>https://out.example.com/EWS/Exchange.asmx</EwsUrl></Protocol></Account>`;
  const read = (server: string) => {
    const answer = readPox(pox(protocol(server)));
    return answer.kind === 'settings' ? answer.settings : assert.fail(answer.kind);
  };
  const guid = '0f0e0d0c-0b0a-0908-0706-050403020100';
  const { server: _, ...settings } = read('MBX1.example.com');
  assert.deepEqual(settings, {
    source: 'autodiscover.pox',
    urls: ['https://in.example.com/EWS/Exchange.asmx', 'https://out.example.com/EWS/Exchange.asmx'],
    protocols: ['ews'],
    smtp: 'ann@example.com',
    legacyDn: '/o=Org/cn=Ann',
    version: '15.0.516',
  });
  assert.equal(read('MBX1.example.com').server, 'mbx1.example.com');
  assert.equal(read(`${guid}@example.com`).mailboxGuid, guid);
  assert.equal(read(`${guid}@example.com`).server, undefined);
});

test('what is no answer of autodiscover is never taken for one', () => {
  const odd = [
    '',
    '<html><body>Welcome</body></html>',
    '{}',
    'null',
    '[]',
    '<Autodiscover/>',
    pox(''),
    pox('<Account><Action>settings</Action></Account>'),
    pox('<Account/>', 'urn:other'),
    soapUser(''),
    '<s:Envelope xmlns:s="x"><s:Body/></s:Envelope>',
    pox('<Account><Action>settings</Action>').slice(0, 80),
  ];
  for (const text of odd) {
    for (const read of [readUserSettings, readPox, readJson]) {
      assert.ok(['other', 'busy'].includes(read(text).kind), `${read.name}: ${text}`);
    }
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const read of [readUserSettings, readPox, readJson]) assert.notEqual(read(text).kind, 'settings');
    }),
  );
});

test('the JSON dialect tells where the web services are; those of the cloud mean the cloud', () => {
  const read = (url: string) => readJson(JSON.stringify({ Protocol: 'EWS', Url: url }));
  const here = read('https://mail.example.com/EWS/Exchange.asmx');
  assert.ok(here.kind === 'settings' && here.settings.protocols[0] === 'ews');
  const online = read('https://outlook.office365.com/EWS/Exchange.asmx');
  assert.ok(online.kind === 'settings' && online.settings.protocols[0] === 'graph');
  assert.equal(readJson('{"ErrorCode":"UserNotFound","ErrorMessage":"x"}').kind, 'unknown');
  assert.equal(
    jsonUrl('https://h/autodiscover/autodiscover', 'a@b'),
    'https://h/autodiscover/autodiscover.json/v1.0/a%40b?Protocol=EWS',
  );
});

test('whatever an address holds, the requests stay well formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (address) => {
      for (const text of [buildUserSettings(address, 'https://h/'), buildPox(address)]) {
        // The reader refuses anything that is not one whole document.
        assert.notEqual(readPox(text).kind === 'other' && /no XML/.test(JSON.stringify(readPox(text))), true);
      }
    }),
    { numRuns: 30 },
  );
});

test('hosts are asked in the documented order, the administrator’s first, each once', () => {
  const candidates = candidatesFor('example.com', {
    urls: ['https://cas.corp.example/Autodiscover/Autodiscover.svc'],
    servicePoints: [
      'https://scp.corp.example/autodiscover/autodiscover.xml',
      'https://example.com/autodiscover/autodiscover.xml',
    ],
  });
  assert.deepEqual(
    candidates.map((one) => (one.kind === 'base' ? one.base : one.kind === 'redirect' ? one.url : one.name)),
    [
      'https://cas.corp.example/Autodiscover/autodiscover',
      'https://scp.corp.example/autodiscover/autodiscover',
      'https://example.com/autodiscover/autodiscover',
      'https://autodiscover.example.com/autodiscover/autodiscover',
      'http://autodiscover.example.com/autodiscover/autodiscover.xml',
      '_autodiscover._tcp.example.com',
    ],
  );
  // What stands behind the @ need not be a host name.
  assert.ok(candidatesFor('[1.2.3.4', { urls: [], servicePoints: [] }).length <= 2);
  assert.equal(baseOf('https://h'), 'https://h/autodiscover/autodiscover');
  assert.equal(baseOf('no url'), undefined);
});

test('the password goes over https to the organisation’s own hosts, and elsewhere only where it was allowed', () => {
  const trust = { domain: 'example.com', hosts: new Set(['allowed.test']), servicePoints: new Set(['scp.corp']) };
  const table: readonly (readonly [string, boolean])[] = [
    ['https://example.com/', true],
    ['https://autodiscover.example.com/', true],
    ['https://scp.corp/', true],
    ['https://allowed.test/', true],
    ['http://allowed.test/', true],
    ['http://autodiscover.example.com/', false],
    ['http://scp.corp/', false],
    ['https://evil.example.net/', false],
    ['https://notexample.com/', false],
    ['https://example.com.evil.net/', false],
    ['ftp://allowed.test/', false],
  ];
  for (const [url, expected] of table) assert.equal(maySignIn(new URL(url), trust), expected, url);
});
