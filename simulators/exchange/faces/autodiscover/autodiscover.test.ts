import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { child, readXml } from '#xml/reader.ts';
import { find, findAll } from '../../conformance/client.ts';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';
import { profiles } from '../ews/profiles.ts';
import { packedVersion } from './settings.ts';

let exchange: RunningExchange;

before(async () => {
  exchange = await startExchange();
});
after(() => exchange.close());

const authorization = `Basic ${Buffer.from('svc@example.test:svc-pw1').toString('base64')}`;

async function ask(path: string, body?: string) {
  const response = await fetch(`${exchange.origin}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization, 'content-type': 'text/xml; charset=utf-8' },
    body: body ?? null,
  });
  const text = await response.text();
  const read = readXml(text);
  return { status: response.status, text, headers: response.headers, root: read.ok ? read.root : undefined };
}

const soapRequest = (users: readonly string[]) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover"><s:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users>${users.map((one) => `<a:User><a:Mailbox>${one}</a:Mailbox></a:User>`).join('')}</a:Users><a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>EwsSupportedSchemas</a:Setting><a:Setting>MailboxDN</a:Setting></a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></s:Body></s:Envelope>`;

test('ADS-01: the SOAP dialect tells each user where its web services are, and which settings it does not have', async () => {
  const { root } = await ask(
    '/autodiscover/autodiscover.svc',
    soapRequest(['alice@example.test', 'nobody@example.test']),
  );
  const users = findAll(root, 'UserResponse');
  assert.deepEqual(
    users.map((one) => child(one, 'ErrorCode')?.text),
    ['NoError', 'InvalidUser'],
  );
  const values = findAll(users[0], 'UserSetting').map((one) => [child(one, 'Name')?.text, child(one, 'Value')?.text]);
  assert.match(values[0]?.[1] ?? '', /^Exchange2007, Exchange2007_SP1, Exchange2010,/);
  assert.deepEqual(values[1], ['ExternalEwsUrl', exchange.url]);
  assert.equal(find(users[0], 'SettingName')?.text, 'MailboxDN');
});

test('the SOAP answer has the element tree of a recorded one', async () => {
  const recorded = readXml(
    readFileSync(
      new URL('../../samples/recorded/autodiscover-soap-getusersettings-online15.1.xml', import.meta.url),
      'utf8',
    ),
  );
  assert.ok(recorded.ok);
  const { root } = await ask('/autodiscover/autodiscover.svc', soapRequest(['alice@example.test']));
  const tree = (element: typeof root): string[] =>
    element === undefined ? [] : element.children.flatMap((one) => [one.name, ...tree(one)]);
  const distinct = (names: readonly string[]) => [...new Set(names)];
  assert.deepEqual(distinct(tree(root)), distinct(tree(recorded.root)));
});

test('the plain XML dialect gives internal and external addresses, and its errors come with status 200', async () => {
  const request = (address: string) =>
    `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;
  const good = await ask('/autodiscover/autodiscover.xml', request('alice@example.test'));
  const protocols = findAll(good.root, 'Protocol').map((one) => [child(one, 'Type')?.text, child(one, 'EwsUrl')?.text]);
  assert.deepEqual(protocols, [
    ['EXCH', exchange.url],
    ['EXPR', exchange.url],
    ['WEB', undefined],
  ]);
  const bad = await ask('/autodiscover/autodiscover.xml', request('nobody@example.test'));
  assert.equal(bad.status, 200);
  assert.equal(find(bad.root, 'ErrorCode')?.text, '500');
  assert.equal(bad.headers.get('x-soap-enabled'), 'True');
});

test('the JSON dialect needs no sign-in', async () => {
  const read = async (path: string) => (await fetch(`${exchange.origin}${path}`)).json();
  assert.deepEqual(await read('/autodiscover/autodiscover.json/v1.0/alice@example.test?Protocol=EWS'), {
    Protocol: 'EWS',
    Url: exchange.url,
  });
  const unknown = (await read('/autodiscover/autodiscover.json?Email=x@example.test&Protocol=EWS')) as {
    ErrorCode: string;
  };
  assert.equal(unknown.ErrorCode, 'UserNotFound');
});

test('the packed version of a build is that of recorded answers', () => {
  assert.equal(packedVersion({ ...profiles.se, build: [15, 20, 3370, 16] }), '73D48D2A');
  assert.equal(packedVersion({ ...profiles.se, build: [15, 0, 516, 29] }), '73C08204');
});
