/** Datagrams that tell of changes (cases of the reference on Exchange 2007, section 8). */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { startExchange } from '../../start-exchange.ts';
import { davClient, updateBody } from './client.ts';

test('56: a subscriber is told by datagram, again and again until it asks', async () => {
  const exchange = await startExchange({
    estate: { version: '2007sp3', mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1' }] },
  });
  const dav = davClient(exchange.origin, 'alice', 'alice-pw1');
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const path = '/exchange/alice/Contacts';
  const headers = { 'notification-type': 'update', 'call-back': `httpu://127.0.0.1:${port}/` };
  const id = (await dav('SUBSCRIBE', path, { headers })).headers.get('subscription-id') ?? '';
  const told = (): Promise<string> => once(socket, 'message').then(([bytes]) => String(bytes));
  const first = told();
  await dav('PROPPATCH', `${path}/x.EML`, { body: updateBody('<c:sn>Told</c:sn>') });
  assert.equal(await first, `NOTIFY httpu://127.0.0.1:${port}/ HTTP/1.1\r\nSubscription-id: ${id}\r\n\r\n`);
  assert.equal(await told(), await first.then((text) => text));
  const poll = await dav('POLL', path, { headers: { 'subscription-id': id } });
  assert.equal(poll.rows[0]?.status, '200');
  const again = await dav('POLL', path, { headers: { 'subscription-id': id } });
  assert.equal(again.rows[0]?.status, '204');
  socket.close();
  await exchange.close();
});
