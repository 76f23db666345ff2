import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ewsSample } from '#testing/ews-samples.ts';
import type { HttpAnswer, HttpFailureReason } from '../../transport/http.ts';
import { classify, type Evidence } from './classify.ts';
import { type Details, readEnvelope } from './soap.ts';

const now = Date.UTC(2030, 0, 1);

function http(status: number, headers: HttpAnswer['headers'] = {}, body = ''): Evidence {
  return { kind: 'notSoap', reason: 'empty', answer: { kind: 'answer', status, headers, body } };
}

function soap(code: string | undefined, values: Details['values'] = {}, headers: HttpAnswer['headers'] = {}): Evidence {
  const answer: HttpAnswer = { kind: 'answer', status: 500, headers, body: '' };
  return {
    kind: 'soapFault',
    answer,
    fault: { message: '', details: { values }, ...(code !== undefined && { code }) },
  };
}

function entry(code: string, details: Partial<Details> = {}): Evidence {
  return { kind: 'response', code, details: { values: {}, ...details } };
}

function broken(reason: HttpFailureReason, sent: boolean): Evidence {
  return { kind: 'failure', reason, sent, source: 'ETEST' };
}

/** Evidence, the fault it is, and whether the request certainly changed nothing. */
const table: readonly (readonly [string, Evidence, string, boolean])[] = [
  ['no connection', broken('connect', false), 'server.unreachable', true],
  ['certificate refused', broken('tls', false), 'server.tls', true],
  ['time-out while connecting', broken('timeout', false), 'server.timeout', true],
  ['time-out while waiting', broken('timeout', true), 'server.timeout', false],
  ['connection closed', broken('closed', true), 'server.unreachable', false],
  ['answer too large', broken('tooLarge', true), 'server.garbled', false],
  ['answer wrongly compressed', broken('encoding', true), 'server.garbled', false],
  ['HTTP 200 with garbage', http(200), 'server.garbled', false],
  ['HTTP 200 with a web page', http(200, { 'content-type': 'text/html' }), 'server.notExchange', false],
  ['HTTP 302 to an error page', http(302, { location: '/ews/genericerrorpage.htm' }), 'server.failure', false],
  ['HTTP 302 to a sign-in page', http(302, { location: '/owa/auth/logon.aspx' }), 'server.notExchange', true],
  ['HTTP 400', http(400), 'defect.request', true],
  ['HTTP 401', http(401), 'authentication.rejected', true],
  ['HTTP 403', http(403), 'mailbox.denied', true],
  ['HTTP 404', http(404), 'server.notExchange', true],
  ['HTTP 413', http(413), 'item.tooLarge', true],
  ['HTTP 418', http(418), 'server.notExchange', false],
  ['HTTP 429', http(429), 'budget.exhausted', true],
  ['HTTP 440', http(440), 'authentication.rejected', true],
  ['HTTP 451', http(451), 'mailbox.moved', true],
  ['HTTP 456', http(456), 'mailbox.moved', true],
  ['HTTP 500 without a message', http(500), 'server.failure', false],
  ['HTTP 502', http(502), 'server.failure', false],
  ['HTTP 503', http(503), 'budget.exhausted', false],
  ['HTTP 507', http(507), 'mailbox.full', true],
  ['busy fault', soap('ErrorServerBusy'), 'budget.exhausted', true],
  ['too many connections', soap('ErrorExceededConnectionCount'), 'budget.exhausted', true],
  ['schema fault', soap('ErrorSchemaValidation'), 'defect.request', true],
  ['unknown fault', soap('ErrorOfTheYear2040'), 'server.failure', false],
  ['fault without a code', soap(undefined), 'server.failure', false],
  ['internal fault', soap('ErrorInternalServerError'), 'server.failure', false],
  ['transient fault', soap('ErrorInternalServerTransientError'), 'server.failure', false],
  ['impersonation of one', soap('ErrorImpersonateUserDenied'), 'mailbox.denied', true],
  ['impersonation at all', soap('ErrorImpersonationDenied'), 'authentication.impersonation', true],
  ['no such mailbox', soap('ErrorNonExistentMailbox'), 'mailbox.notFound', true],
  ['mailbox moving', soap('ErrorMailboxMoveInProgress'), 'mailbox.moved', true],
  ['moving, connection failed', soap('ErrorConnectionFailed'), 'mailbox.moved', false],
  ['failover', soap('ErrorMailboxFailover'), 'mailbox.unavailable', false],
  ['password expired', soap('ErrorPasswordExpired'), 'authentication.rejected', true],
  ['item gone', entry('ErrorItemNotFound'), 'item.gone', true],
  ['stale key', entry('ErrorIrresolvableConflict'), 'item.conflict', true],
  ['corrupt item', entry('ErrorItemCorrupt'), 'item.unreadable', true],
  ['server failed on an item', entry('ErrorInternalServerError'), 'item.unreadable', false],
  ['unknown code of an item', entry('ErrorOfTheYear2040'), 'item.unreadable', false],
  [
    'property refused',
    entry('ErrorInvalidPropertySet', { property: 'calendar:StartTimeZone' }),
    'item.unsupported',
    true,
  ],
  ['batch stopped', entry('ErrorBatchProcessingStopped'), 'budget.exhausted', true],
  ['batch too slow', entry('ErrorTimeoutExpired'), 'server.timeout', false],
  ['folder gone', entry('ErrorSyncFolderNotFound'), 'mailbox.folderGone', true],
  ['state gone', entry('ErrorInvalidSyncStateData'), 'mailbox.cursorInvalid', true],
  ['quota', entry('ErrorQuotaExceeded'), 'mailbox.full', true],
  [
    'busy inside',
    entry('ErrorInternalServerError', { values: { InnerErrorResponseCode: 'ErrorServerBusy' } }),
    'budget.exhausted',
    false,
  ],
  [
    'quota inside',
    entry('ErrorInternalServerError', { values: { InnerErrorResponseCode: 'ErrorQuotaExceededOnDelete' } }),
    'mailbox.full',
    false,
  ],
  ['entry left out', { kind: 'missing', operation: 'CreateItem' }, 'server.garbled', false],
];

for (const [name, evidence, code, certain] of table) {
  test(`${name} is ${code}${certain ? '' : ', and the write may have happened'}`, () => {
    const trouble = classify(evidence, now);
    assert.equal(trouble.fault.code, code);
    assert.equal(trouble.certain, certain);
    assert.notEqual(trouble.fault.message, '');
  });
}

test('the time a busy server asks for is taken from the message, from Retry-After in seconds or as a date', () => {
  const waitOf = (evidence: Evidence): number | undefined => classify(evidence, now).fault.retryAfterMs;
  assert.equal(waitOf(soap('ErrorServerBusy', { BackOffMilliseconds: '178510' })), 178_510);
  assert.equal(waitOf(soap('ErrorServerBusy', { BackOffMilliseconds: '0' })), undefined);
  assert.equal(waitOf(soap('ErrorServerBusy', { BackOffMilliseconds: 'soon' })), undefined);
  assert.equal(waitOf(soap('ErrorServerBusy', {}, { 'retry-after': '7' })), 7_000);
  assert.equal(waitOf(http(503, { 'retry-after': '30' })), 30_000);
  assert.equal(waitOf(http(503, { 'retry-after': 'Tue, 01 Jan 2030 00:01:00 GMT' })), 60_000);
  assert.equal(waitOf(http(503, { 'retry-after': 'Mon, 31 Dec 2029 00:00:00 GMT' })), undefined);
  assert.equal(waitOf(http(503, { 'retry-after': '99999999' })), 86_400_000);
});

test('recorded faults are classified by their code, in any language', () => {
  const codeOf = (name: string): readonly [string, number | undefined] => {
    const read = readEnvelope(ewsSample(`recorded/${name}`));
    assert.ok(read.kind === 'fault');
    const answer: HttpAnswer = { kind: 'answer', status: 500, headers: {}, body: '' };
    const { fault } = classify({ kind: 'soapFault', answer, fault: read.fault }, now);
    return [fault.code, fault.retryAfterMs];
  };
  assert.deepEqual(codeOf('fault-serverbusy-online.xml'), ['budget.exhausted', 178_510]);
  assert.deepEqual(codeOf('fault-impersonateuserdenied-online.xml'), ['mailbox.denied', undefined]);
  assert.deepEqual(codeOf('fault-schemavalidation-ex2007sp1.xml'), ['defect.request', undefined]);
  assert.deepEqual(codeOf('fault-schemavalidation-ex2010sp2.xml'), ['defect.request', undefined]);
});

test('a refused sign-in says which ways of signing in the server offers', () => {
  const sourceOf = (header: string): string | undefined =>
    classify(http(401, { 'www-authenticate': header }), now).fault.source;
  assert.equal(
    sourceOf('Negotiate, NTLM, Basic realm="mail, example.test"'),
    'HTTP 401, offered: Negotiate NTLM Basic',
  );
  assert.equal(sourceOf('Bearer client_id="x", trusted_issuers="y"'), 'HTTP 401, offered: Bearer');
  assert.equal(sourceOf(''), 'HTTP 401, offered: nothing');
});
