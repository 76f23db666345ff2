import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { codesOf, find, post, requestText } from '../../conformance/client.ts';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';

let exchange: RunningExchange;

before(async () => {
  exchange = await startExchange({ validateResponses: true });
});
after(async () => {
  await exchange.close();
  assert.equal(exchange.control.counters().invalidResponses, 0);
});

const authorization = `Basic ${Buffer.from('alice@example.test:alice-pw1').toString('base64')}`;

const subscribe = (kind: 'Streaming' | 'Pull') =>
  `<m:Subscribe><m:${kind}SubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="contacts"/></t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType><t:EventType>ModifiedEvent</t:EventType><t:EventType>DeletedEvent</t:EventType><t:EventType>MovedEvent</t:EventType></t:EventTypes>${kind === 'Pull' ? '<t:Timeout>10</t:Timeout>' : ''}</m:${kind}SubscriptionRequest></m:Subscribe>`;

const create = '<m:CreateItem><m:Items><t:Contact><t:GivenName>Ada</t:GivenName></t:Contact></m:Items></m:CreateItem>';

/** Opens a stream and reads whole documents from it. */
async function open(ids: readonly string[]) {
  const list = ids.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('');
  const body = requestText(
    `<m:GetStreamingEvents><m:SubscriptionIds>${list}</m:SubscriptionIds><m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>`,
  );
  const stop = new AbortController();
  const response = await fetch(exchange.url, { method: 'POST', headers: { authorization }, body, signal: stop.signal });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const next = async (): Promise<string | undefined> => {
    while (!text.includes('</Envelope>')) {
      const part = await reader?.read();
      if (part === undefined || part.done) return undefined;
      text += decoder.decode(part.value, { stream: true });
    }
    const end = text.indexOf('</Envelope>') + '</Envelope>'.length;
    const document = text.slice(0, end);
    text = text.slice(end);
    return document;
  };
  return { next, stop: () => stop.abort() };
}

test('NOT-01: a streaming connection says OK at once and tells of changes as they happen', async () => {
  const subscribed = await post(subscribe('Streaming'), { url: exchange.url });
  assert.deepEqual(codesOf(subscribed), ['NoError'], subscribed.text);
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  const stream = await open([id]);
  const first = await stream.next();
  assert.match(first ?? '', /^<Envelope xmlns=.*ConnectionStatus>OK</);
  await post(create, { url: exchange.url });
  const event = await stream.next();
  assert.match(
    event ?? '',
    /<m:Notification><t:SubscriptionId>.*<t:CreatedEvent><t:TimeStamp>[^<]*<\/t:TimeStamp><t:ItemId Id="[^"]+" ChangeKey="EQAAAA==" \/>/,
  );
  stream.stop();
});

test('NOT-03: events of the time between two connections are delivered by the second', async () => {
  const subscribed = await post(subscribe('Streaming'), { url: exchange.url });
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  const first = await open([id]);
  await first.next();
  first.stop();
  // What is written into a connection that just died is lost, as with a real server: wait until this one has noticed.
  while (exchange.subscriptions.find(id)?.takeOver !== undefined) await new Promise((resolve) => setImmediate(resolve));
  await post(create, { url: exchange.url });
  const second = await open([id]);
  assert.match((await second.next()) ?? '', />OK</);
  assert.match((await second.next()) ?? '', /CreatedEvent/);
  second.stop();
});

test('NOT-05: a second connection on the same subscription ends the first', async () => {
  const subscribed = await post(subscribe('Streaming'), { url: exchange.url });
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  const first = await open([id]);
  await first.next();
  const second = await open([id]);
  await second.next();
  assert.match((await first.next()) ?? '', /ErrorNewEventStreamConnectionOpened/);
  assert.equal(await first.next(), undefined);
  second.stop();
});

test('NOT-04, NOT-06: a dead subscription among good ones refuses the whole connection and names the dead one', async () => {
  const subscribed = await post(subscribe('Streaming'), { url: exchange.url });
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  const stream = await open([id, 'AAAA']);
  const answer = (await stream.next()) ?? '';
  assert.match(
    answer,
    /ErrorInvalidSubscription.*<m:ErrorSubscriptionIds><t:SubscriptionId>AAAA<.*ConnectionStatus>Closed/,
  );
  exchange.subscriptions.forget();
  const other = await open([id]);
  assert.match((await other.next()) ?? '', /ErrorInvalidSubscription/);
});

test('NOT-09, NOT-11: a pull subscription gives events after a watermark, and refuses one it never gave', async () => {
  const subscribed = await post(subscribe('Pull'), { url: exchange.url });
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  const watermark = find(subscribed.body, 'Watermark')?.text ?? '';
  const events = (mark: string) =>
    post(`<m:GetEvents><m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${mark}</m:Watermark></m:GetEvents>`, {
      url: exchange.url,
    });
  const quiet = await events(watermark);
  assert.ok(find(quiet.body, 'StatusEvent'));
  await post(create, { url: exchange.url });
  const told = await events(watermark);
  const created = find(told.body, 'CreatedEvent');
  assert.ok(created);
  const after = await events(find(created, 'Watermark')?.text ?? '');
  assert.equal(find(after.body, 'CreatedEvent'), undefined);
  assert.deepEqual(codesOf(await events('AQAAAA==')), ['ErrorInvalidWatermark']);
  const foreign = await post(
    `<m:GetEvents><m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${watermark}</m:Watermark></m:GetEvents>`,
    { url: exchange.url, user: 'bob@example.test', password: 'bob-pw1' },
  );
  assert.deepEqual(codesOf(foreign), ['ErrorSubscriptionAccessDenied']);
});

test('NOT-02: a connection of 31 minutes, or of 201 subscriptions, is refused', async () => {
  const streaming = (ids: number, minutes: number) =>
    post(
      `<m:GetStreamingEvents><m:SubscriptionIds>${'<t:SubscriptionId>AAAA</t:SubscriptionId>'.repeat(ids)}</m:SubscriptionIds><m:ConnectionTimeout>${minutes}</m:ConnectionTimeout></m:GetStreamingEvents>`,
      { url: exchange.url },
    );
  assert.equal((await streaming(1, 31)).status, 500);
  assert.deepEqual(codesOf(await streaming(201, 1)), ['ErrorInvalidRequest']);
});

test('a push subscription posts events to the listener until it says to stop', async () => {
  const received: string[] = [];
  let onReceived = (): void => {};
  const listener = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push(text);
      const status = received.length === 1 ? 'OK' : 'Unsubscribe';
      response.end(
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendNotificationResult xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><SubscriptionStatus>${status}</SubscriptionStatus></SendNotificationResult></s:Body></s:Envelope>`,
      );
      onReceived();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const wanted = subscribe('Pull')
    .replaceAll('PullSubscriptionRequest', 'PushSubscriptionRequest')
    .replace(
      '<t:Timeout>10</t:Timeout>',
      `<t:StatusFrequency>1</t:StatusFrequency><t:URL>http://127.0.0.1:${port}/</t:URL>`,
    );
  const subscribed = await post(wanted, { url: exchange.url });
  assert.deepEqual(codesOf(subscribed), ['NoError'], subscribed.text);
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  for (let n = 1; n <= 2; n += 1) {
    const arrived = new Promise<void>((resolve) => {
      onReceived = resolve;
    });
    await post(create, { url: exchange.url });
    await arrived;
  }
  assert.match(received[0] ?? '', /<m:SendNotification .*<t:CreatedEvent><t:Watermark>/);
  while (exchange.subscriptions.find(id) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  listener.closeAllConnections();
  listener.close();
});
