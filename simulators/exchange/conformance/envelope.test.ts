import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenNamed } from '#xml/reader.ts';
import { codesOf, faultCode, find, postText, requestText } from './client.ts';
import { createEvent, getFolder, world } from './world.ts';

const { exchange, call, codes } = await world({
  mailboxes: [
    { address: 'alice@example.test', password: 'alice-pw1', aliases: ['a.archer@example.test'] },
    { address: 'bob@example.test', password: 'bob-pw1', version: '2010sp3' },
  ],
  serviceAccounts: [
    { userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' },
    { userName: 'narrow@example.test', password: 'narrow-pw1', impersonates: ['alice@example.test'] },
  ],
});
const svc = { user: 'svc@example.test', password: 'svc-pw1' };
const bob = { user: 'bob@example.test', password: 'bob-pw1' };

test('ENV-01: a call without sign-in is answered by 401 with the kinds of sign-in and no body', async () => {
  const response = await fetch(exchange.url, { method: 'POST', body: requestText(getFolder()) });
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /Negotiate.*NTLM.*Basic/);
  assert.equal(await response.text(), '');
});

test('ENV-03: an answer names the build of the server', async () => {
  const reply = await call(getFolder());
  assert.equal(reply.status, 200);
  assert.match(
    reply.text,
    /<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="2562" MinorBuildNumber="17" Version="V2017_07_11"/,
  );
});

test('ENV-04: an unknown element and a wrong order are schema faults with their place', async () => {
  for (const content of ['<t:Nonsense/>', '<t:Start>2030-01-01T00:00:00Z</t:Start><t:Subject>late</t:Subject>']) {
    const reply = await call(createEvent(content));
    assert.equal(reply.status, 500);
    assert.equal(faultCode(reply), 'ErrorSchemaValidation');
    assert.equal(find(reply.body, 'LineNumber')?.text, '2');
    assert.ok(Number(find(reply.body, 'LinePosition')?.text) > 100);
    assert.match(find(reply.body, 'Violation')?.text ?? '', /Nonsense|Subject/);
  }
});

test('ENV-05: an unknown distinguished folder is a schema fault, not an item error', async () => {
  const reply = await call(getFolder('nosuch'));
  assert.equal(reply.status, 500);
  assert.equal(faultCode(reply), 'ErrorSchemaValidation');
});

test('ENV-06: a request version newer than the server is refused', async () => {
  const reply = await call(getFolder(), { ...bob, version: 'Exchange2016' });
  assert.equal(reply.status, 500);
  assert.equal(faultCode(reply), 'ErrorInvalidServerVersion');
  assert.deepEqual(await codes(getFolder(), bob), ['NoError']);
});

test('ENV-07: a property of a later version is refused to an older request', async () => {
  const zone = '<t:StartTimeZone Id="UTC"/>';
  const reply = await call(createEvent(`<t:Subject>x</t:Subject>${zone}`), { version: 'Exchange2007_SP1' });
  assert.equal(faultCode(reply), 'ErrorIncorrectSchemaVersion');
});

test('ENV-08: two impersonations, or two versions, are refused', async () => {
  const sid =
    '<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>alice@example.test</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>';
  const twice = await call(getFolder(), { ...svc, header: sid + sid });
  assert.equal(faultCode(twice), 'ErrorMoreThanOneAccessModeSpecified');
  const versions = await call(getFolder(), { header: '<t:RequestServerVersion Version="Exchange2010"/>' });
  assert.equal(faultCode(versions), 'ErrorDuplicateSOAPHeader');
});

test('ENV-13: compressed and plain answers say the same', async () => {
  const packed = await world({ compress: true });
  const zone = '<m:GetServerTimeZones ReturnFullTimeZoneData="true"/>';
  const one = await packed.call(zone);
  assert.equal(one.headers.get('content-encoding'), 'gzip');
  assert.equal(one.text, (await call(zone)).text);
});

test('ENV: text that is not well-formed is a schema fault on line 0', async () => {
  const reply = await postText(
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>&</s:Body></s:Envelope>',
    { url: exchange.url },
  );
  assert.equal(reply.status, 500);
  assert.equal(faultCode(reply), 'ErrorSchemaValidation');
  assert.equal(find(reply.body, 'LineNumber')?.text, '0');
});

test('IMP-01: a service account acts as the mailbox it names', async () => {
  assert.deepEqual(await codes(getFolder(), { ...svc, impersonate: 'alice@example.test' }), ['NoError']);
});

test('IMP-02: an alias in PrimarySmtpAddress is refused with the right address', async () => {
  const reply = await call(getFolder(), { ...svc, impersonate: 'a.archer@example.test' });
  assert.equal(faultCode(reply), 'ErrorNonPrimarySmtpAddress');
  assert.equal(find(reply.body, 'Value')?.text, 'alice@example.test');
});

test('IMP-03: a user out of scope may not be impersonated', async () => {
  const reply = await call(getFolder(), {
    user: 'narrow@example.test',
    password: 'narrow-pw1',
    impersonate: 'bob@example.test',
  });
  assert.equal(faultCode(reply), 'ErrorImpersonateUserDenied');
});

test('IMP-04: an unknown user has no mailbox', async () => {
  const reply = await call(getFolder(), { ...svc, impersonate: 'nobody@example.test' });
  assert.equal(faultCode(reply), 'ErrorNonExistentMailbox');
  assert.equal(find(reply.body, 'Value')?.text, 'nobody@example.test');
});

test('IMP: a SID or a principal name that is none is refused as such', async () => {
  const as = (sid: string) =>
    call(getFolder(), {
      ...svc,
      header: `<t:ExchangeImpersonation><t:ConnectingSID>${sid}</t:ConnectingSID></t:ExchangeImpersonation>`,
    });
  assert.equal(faultCode(await as('<t:SID>junk</t:SID>')), 'ErrorInvalidUserSid');
  assert.equal(faultCode(await as('<t:PrincipalName>junk</t:PrincipalName>')), 'ErrorInvalidUserPrincipalName');
  assert.equal(faultCode(await as('<t:SID>S-1-5-21-1-2-3-4</t:SID>')), 'ErrorNonExistentMailbox');
  assert.equal(faultCode(await as('')), 'ErrorInvalidExchangeImpersonationHeaderData');
});

test('IMP: an account without a mailbox that impersonates nobody must name one', async () => {
  assert.deepEqual(await codes(getFolder(), svc), ['ErrorMissingEmailAddress']);
});

test('VER-01: each mailbox is served by the build it lives on, and what that build lacks is unknown to it', async () => {
  const reply = await call(getFolder(), bob);
  assert.match(reply.text, /MajorVersion="14" MinorVersion="3"/);
  assert.equal(reply.headers.get('x-feserver'), null);
  const persona =
    '<m:FindPeople><m:IndexedPageItemView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"/></m:FindPeople>';
  assert.equal(faultCode(await call(persona, bob)), 'ErrorSchemaValidation');
  const modern = await call(getFolder());
  assert.equal(modern.headers.get('x-feserver'), 'MAIL');
  assert.equal(childrenNamed(modern.body, 'ResponseMessages').length, 1);
  assert.deepEqual(codesOf(modern), ['NoError']);
});
