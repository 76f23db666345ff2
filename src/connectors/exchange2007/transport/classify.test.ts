import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, ofProperty, type Subject } from './classify.ts';

function of(status: number, subject: Subject, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const answer = { kind: 'answer', status, headers, body } as const;
  const { fault, certain } = classify({ kind: 'status', answer, subject }, 0);
  return `${fault.code}${certain ? '' : '?'}`;
}

/** Code for an item, a folder and the mailbox; a question mark where the request may have had an effect. */
const table: readonly (readonly [number, string, string, string])[] = [
  [400, 'defect.request', 'defect.request', 'defect.request'],
  [401, 'authentication.rejected', 'authentication.rejected', 'authentication.rejected'],
  [403, 'item.denied', 'mailbox.denied', 'mailbox.denied'],
  [404, 'item.gone', 'mailbox.folderGone', 'mailbox.notFound'],
  [405, 'server.version', 'server.version', 'server.version'],
  [409, 'mailbox.folderGone', 'mailbox.folderGone', 'mailbox.folderGone'],
  [410, 'item.gone', 'mailbox.folderGone', 'mailbox.notFound'],
  [412, 'item.conflict', 'item.conflict', 'item.conflict'],
  [413, 'item.tooLarge', 'item.tooLarge', 'item.tooLarge'],
  [415, 'defect.request', 'defect.request', 'defect.request'],
  [416, 'defect.request', 'defect.request', 'defect.request'],
  [418, 'server.notExchange?', 'server.notExchange?', 'server.notExchange?'],
  [422, 'defect.request', 'defect.request', 'defect.request'],
  [423, 'item.conflict', 'item.conflict', 'item.conflict'],
  [424, 'server.failure?', 'server.failure?', 'server.failure?'],
  [425, 'server.failure?', 'server.failure?', 'server.failure?'],
  [429, 'budget.exhausted', 'budget.exhausted', 'budget.exhausted'],
  [440, 'authentication.rejected', 'authentication.rejected', 'authentication.rejected'],
  [451, 'mailbox.moved', 'mailbox.moved', 'mailbox.moved'],
  [500, 'server.failure?', 'server.failure?', 'server.failure?'],
  [501, 'server.version', 'server.version', 'server.version'],
  [503, 'budget.exhausted?', 'budget.exhausted?', 'budget.exhausted?'],
  [504, 'server.failure?', 'server.failure?', 'server.failure?'],
  [507, 'mailbox.full', 'mailbox.full', 'mailbox.full'],
];

test('every status has one meaning for each kind of resource', () => {
  for (const [status, item, folder, mailbox] of table) {
    assert.deepEqual(
      [of(status, 'item'), of(status, 'folder'), of(status, 'mailbox')],
      [item, folder, mailbox],
      `${status}`,
    );
  }
});

test('a good status with a bad answer may have had its effect', () => {
  assert.equal(of(207, 'item'), 'server.garbled?');
  assert.equal(of(200, 'item', { 'content-type': 'text/html' }, '<html>'), 'server.notExchange?');
});

test('redirects are told apart by where they lead', () => {
  assert.equal(
    of(302, 'folder', { location: '/exchweb/bin/auth/owalogon.asp?url=x&reason=0' }),
    'authentication.rejected',
  );
  assert.equal(of(302, 'folder', { location: 'https://mail.example.test/owa' }), 'mailbox.moved');
  assert.equal(of(302, 'folder', { location: '/exchweb/errors/error.htm' }), 'server.failure?');
  assert.equal(of(301, 'folder', { location: 'https://proxy.example.test/' }), 'server.notExchange');
});

test('the wait a server asks for is handed on', () => {
  const answer = { kind: 'answer', status: 503, headers: { 'retry-after': '7' }, body: '' } as const;
  assert.equal(classify({ kind: 'status', answer, subject: 'item' }, 0).fault.retryAfterMs, 7_000);
});

test('a connection that failed before the request left had no effect', () => {
  const failure = (reason: 'connect' | 'tls' | 'timeout' | 'closed', sent: boolean) => {
    const { fault, certain } = classify({ kind: 'failure', reason, sent, source: 'X' }, 0);
    return `${fault.code}${certain ? '' : '?'}`;
  };
  assert.equal(failure('connect', false), 'server.unreachable');
  assert.equal(failure('tls', false), 'server.tls');
  assert.equal(failure('timeout', true), 'server.timeout?');
  assert.equal(failure('closed', true), 'server.unreachable?');
});

test('a property is refused for its value, for what it is, or for lack of room', () => {
  const codes = [403, 409, 422, 423, 507, 401].map((status) => ofProperty(status).code);
  assert.deepEqual(codes, [
    'item.unsupported',
    'item.invalid',
    'item.invalid',
    'item.conflict',
    'mailbox.full',
    'item.unsupported',
  ]);
});
