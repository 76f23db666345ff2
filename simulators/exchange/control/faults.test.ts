import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { codesOf, find, findAll, post } from '../conformance/client.ts';
import { type RunningExchange, startExchange } from '../start-exchange.ts';
import type { Fault } from './faults.ts';

let exchange: RunningExchange;

before(async () => {
  exchange = await startExchange({ controlApi: true });
});
after(() => exchange.close());
beforeEach(() => exchange.control.calm());

const create = () =>
  post('<m:CreateItem><m:Items><t:Contact><t:GivenName>Ada</t:GivenName></t:Contact></m:Items></m:CreateItem>', {
    url: exchange.url,
  });

const getFolder =
  '<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder>';

const contacts = () => exchange.truth.mailbox('alice@example.test')?.wellKnown('contacts').items.size ?? 0;

test('a lost answer leaves the effect behind', async () => {
  const count = contacts();
  exchange.control.inject({ kind: 'loseReply', operation: 'CreateItem' });
  await assert.rejects(create());
  assert.equal(contacts(), count + 1);
});

test('a dropped request leaves nothing behind', async () => {
  const count = contacts();
  exchange.control.inject({ kind: 'dropRequest' });
  await assert.rejects(create());
  assert.equal(contacts(), count);
});

test('a request delivered twice is carried out twice', async () => {
  const count = contacts();
  exchange.control.inject({ kind: 'duplicateRequest' });
  await create();
  assert.equal(contacts(), count + 2);
});

test('busy comes in all its disguises and then goes away', async () => {
  const seen: string[] = [];
  for (const form of [
    'fault',
    'http503',
    'redirect',
    'html500',
    'casHeader',
    'unauthorized',
    'connectionCount',
  ] as const) {
    exchange.control.inject({ kind: 'busy', form, backOffMs: 5000 });
    const reply = await fetch(exchange.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: `Basic ${Buffer.from('alice@example.test:alice-pw1').toString('base64')}` },
      body: (await import('../conformance/client.ts')).requestText(getFolder),
    });
    const text = await reply.text();
    seen.push(`${form} ${reply.status} ${/Error(?:ServerBusy|ExceededConnectionCount)/.exec(text)?.[0] ?? ''}`);
  }
  assert.deepEqual(seen, [
    'fault 500 ErrorServerBusy',
    'http503 503 ',
    'redirect 302 ',
    'html500 500 ',
    'casHeader 500 ',
    'unauthorized 401 ',
    'connectionCount 500 ErrorExceededConnectionCount',
  ]);
  assert.deepEqual(codesOf(await post(getFolder, { url: exchange.url })), ['NoError']);
});

test('THR-05: a batch that stops at one item leaves warnings for the rest', async () => {
  const created = await create();
  const id = `<t:ItemId Id="${find(created.body, 'ItemId')?.attributes.Id}"/>`;
  exchange.control.inject({ kind: 'stopBatch', item: 1, operation: 'GetItem' });
  const reply = await post(
    `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ItemIds>${id}${id}${id}</m:ItemIds></m:GetItem>`,
    { url: exchange.url },
  );
  assert.deepEqual(codesOf(reply), ['NoError', 'ErrorServerBusy', 'ErrorBatchProcessingStopped']);
  assert.deepEqual(
    findAll(reply.body, 'GetItemResponseMessage').map((one) => one.attributes.ResponseClass),
    ['Success', 'Error', 'Warning'],
  );
});

test('a somebody-else-was-faster fault makes the write conflict', async () => {
  const created = await create();
  const { Id, ChangeKey } = find(created.body, 'ItemId')?.attributes ?? {};
  exchange.control.inject({ kind: 'conflict' });
  const reply = await post(
    `<m:UpdateItem ConflictResolution="NeverOverwrite"><m:ItemChanges><t:ItemChange><t:ItemId Id="${Id}" ChangeKey="${ChangeKey}"/><t:Updates><t:DeleteItemField><t:FieldURI FieldURI="contacts:GivenName"/></t:DeleteItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    { url: exchange.url },
  );
  assert.deepEqual(codesOf(reply), ['ErrorIrresolvableConflict']);
});

test('faults can be switched on and off over HTTP, and the log tells which struck', async () => {
  const control = `${exchange.origin}/control`;
  const fault: Fault = { kind: 'poisonItem', operation: 'GetFolder', code: 'ErrorItemCorrupt' };
  await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(fault) });
  assert.deepEqual(codesOf(await post(getFolder, { url: exchange.url })), ['ErrorItemCorrupt']);
  const log = (await (await fetch(`${control}/log`)).json()) as { faults: string[]; code?: string }[];
  assert.deepEqual(log.at(-1)?.faults, ['poisonItem']);
  assert.equal(log.at(-1)?.code, 'ErrorItemCorrupt');
  const bad = await fetch(`${control}/faults`, { method: 'POST', body: '{"kind":"nothing"}' });
  assert.equal(bad.status, 400);
  const edits = await fetch(`${control}/edits`, {
    method: 'POST',
    body: '{"mailbox":"bob@example.test","count":20,"seed":4}',
  });
  assert.equal(((await edits.json()) as unknown[]).length, 20);
});

/**
 * Answers to the same request sent `count` times at once to a server with a policy that admits fewer. Those admitted are held until
 * all others were refused, so that they are at work together however slow the machine is.
 */
async function together(operation: string, count: number, admitted: number, throttling: object) {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1' }];
  const estate = { latencyMs: 1, throttling: { ...throttling, backOffMs: 5000 }, mailboxes };
  const limited = await startExchange({ estate, ports: { timer: { sleep: () => held } } });
  try {
    let refused = 0;
    return await Promise.all(
      Array.from({ length: count }, async () => {
        const reply = await post(operation, { url: limited.url });
        refused += 1;
        if (refused === count - admitted) release();
        return reply;
      }),
    );
  } finally {
    await limited.close();
  }
}

test('THR-01: a throttling policy refuses what is too much and lets the rest through', async () => {
  const replies = await together(getFolder, 8, 3, { maxConcurrency: 3 });
  const codes = replies.map((reply) => find(reply.body, 'ResponseCode')?.text);
  assert.equal(codes.filter((code) => code === 'NoError').length, 3);
  assert.equal(codes.filter((code) => code === 'ErrorExceededConnectionCount').length, 5);
});

test('THR-07: too many synchronisations of one mailbox at once are busy, with the policy named', async () => {
  const sync =
    '<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="contacts"/></m:SyncFolderId><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>';
  const replies = await together(sync, 6, 5, { concurrentSyncCalls: 5 });
  const busy = replies.filter((reply) => reply.status === 500);
  assert.equal(busy.length, 1);
  assert.match(busy[0]?.text ?? '', /ErrorServerBusy.*ConcurrentSyncCalls.*<t:Value Name="BackOffMilliseconds">5000</s);
});

test('a wrong clock shows in every time the server says, runs on, and is right again when calmed', async () => {
  exchange.control.inject({ kind: 'clockOffset', offsetMs: -3_600_000, driftMs: 60_000 });
  await create();
  const item = [...(exchange.truth.mailbox('alice@example.test')?.wellKnown('contacts').items.values() ?? [])].at(-1);
  const behindMs = Date.now() - (item?.createdMs ?? 0);
  assert.ok(Math.abs(behindMs - 3_600_000) < 60_000, `${behindMs} ms`);
  const first = exchange.control.now();
  const startedMs = Date.now();
  while (Date.now() - startedMs < 20) await create();
  // A minute a minute: twice as fast as true time.
  assert.ok(exchange.control.now() - first >= 2 * (Date.now() - startedMs) - 10);
  const wrong = await fetch(new URL('/control/faults', exchange.origin));
  assert.equal(((await wrong.json()) as Fault[])[0]?.kind, 'clockOffset');
  const answer = await post(getFolder, { url: exchange.url });
  assert.ok(Date.now() - Date.parse(answer.headers.get('date') ?? '') > 3_000_000);
  exchange.control.calm();
  assert.ok(Math.abs(exchange.control.now() - Date.now()) < 1_000);
});

test('an account near its limit is slowed down before it is refused', async () => {
  const slept: number[] = [];
  const timer = { sleep: (ms: number) => Promise.resolve(void slept.push(ms)) };
  const throttling = { requestsPerMinute: 10, microDelayMs: 100, backOffMs: 5000 };
  const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1' }];
  const limited = await startExchange({ estate: { throttling, mailboxes }, ports: { timer } });
  const statuses: number[] = [];
  for (let n = 0; n < 11; n += 1) statuses.push((await post(getFolder, { url: limited.url })).status);
  await limited.close();
  assert.deepEqual(slept, [20, 40, 60, 80, 100]);
  assert.deepEqual(statuses, [...Array<number>(10).fill(200), 500]);
});
