import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { requestText } from './conformance/client.ts';
import { type RunningExchange, startExchange } from './start-exchange.ts';

const mailboxes = ['alice', 'bob'].map((name) => ({ address: `${name}@example.test`, password: 'x' }));
const serviceAccounts = [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' as const }];
const [alice, bob] = ['alice@example.test', 'bob@example.test'] as const;

let exchange: RunningExchange;
let old: RunningExchange;

before(async () => {
  const estate = { nodes: 2, mailboxes, serviceAccounts };
  exchange = await startExchange({ estate, validateResponses: true });
  old = await startExchange({ estate: { ...estate, version: '2010sp3' }, validateResponses: true });
});

after(async () => {
  for (const one of [exchange, old]) {
    await one.close();
    assert.equal(one.control.counters().invalidResponses, 0);
  }
});

interface Asking {
  readonly as?: string;
  readonly anchor?: string;
  readonly cookie?: string | undefined;
  readonly to?: RunningExchange;
}

/** One request of the service account on a connection of its own; the beginning of the answer, all that a stream says at first. */
async function ask(operation: string, { as, anchor, cookie, to = exchange }: Asking) {
  const body = requestText(operation, { impersonate: as });
  const lines = [
    'POST /EWS/Exchange.asmx HTTP/1.1',
    'Host: x',
    `Authorization: Basic ${Buffer.from('svc@example.test:svc-pw1').toString('base64')}`,
    'X-PreferServerAffinity: true',
    ...(anchor === undefined ? [] : [`X-AnchorMailbox: ${anchor}`]),
    ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const socket = connect(Number(new URL(to.url).port), '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  while (!/<\/(?:s:)?Envelope>/.test(text)) text += String((await once(socket, 'data'))[0]);
  socket.destroy();
  const found = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  return {
    code: found(/<m:ResponseCode>(\w+)</),
    id: found(/<m:SubscriptionId>([^<]+)</) ?? '',
    node: found(/X-BEServer: (\w+)/),
    override: found(/Set-Cookie: (X-BackEndOverrideCookie=[^;]+)/),
    exchangeCookie: found(/Set-Cookie: (exchangecookie=[^;]+)/),
  };
}

const events = '<t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes>';
const streaming = `<m:Subscribe><m:StreamingSubscriptionRequest SubscribeToAllFolders="true">${events}</m:StreamingSubscriptionRequest></m:Subscribe>`;
const unsubscribe = (id: string): string => `<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`;
const stream = (...ids: readonly string[]): string =>
  `<m:GetStreamingEvents><m:SubscriptionIds>${ids.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('')}</m:SubscriptionIds><m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>`;

test('NOT-10: a subscription is known to the server that made it, and to no other', async () => {
  const first = await ask(streaming, { as: alice, anchor: alice });
  assert.equal(first.node, 'MAIL1');
  const cookie = first.override;
  assert.match(cookie ?? '', /^X-BackEndOverrideCookie=mail1\.example\.test~/);
  const together = await ask(streaming, { as: bob, anchor: alice, cookie });
  assert.equal(together.override, undefined);
  assert.equal((await ask(stream(first.id, together.id), { anchor: alice, cookie })).code, 'NoError');
  const alone = await ask(streaming, { as: bob, anchor: bob });
  assert.equal(alone.node, 'MAIL2');
  assert.equal((await ask(stream(first.id, alone.id), { anchor: alice, cookie })).code, 'ErrorInvalidSubscription');
  assert.equal((await ask(stream(first.id), { anchor: bob })).code, 'ErrorInvalidSubscription');
  assert.equal((await ask(unsubscribe(first.id), { as: alice, anchor: bob })).code, 'ErrorSubscriptionNotFound');
  assert.equal((await ask(unsubscribe(first.id), { as: alice, anchor: bob, cookie })).code, 'NoError');
});

test('a client of 2010 stays on the server that its cookie names', async () => {
  for (let count = 0; count < 4; count += 1) {
    const made = await ask(streaming, { as: alice, to: old });
    assert.equal(made.code, 'NoError');
    const codes: (string | undefined)[] = [];
    for (let again = 0; again < 3; again += 1) {
      codes.push((await ask(stream(made.id), { as: alice, cookie: made.exchangeCookie, to: old })).code);
    }
    assert.deepEqual(codes, ['NoError', 'NoError', 'NoError']);
    const other = made.exchangeCookie?.replace(
      /=(.{8})/,
      (_, hex) => `=${(Number.parseInt(hex, 16) ^ 1).toString(16).padStart(8, '0')}`,
    );
    assert.equal((await ask(stream(made.id), { as: alice, cookie: other, to: old })).code, 'ErrorInvalidSubscription');
  }
});
