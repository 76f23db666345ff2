import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readXml } from '#xml/reader.ts';
import { requestText } from './conformance/client.ts';
import {
  createContact,
  createEvent,
  deleteItem,
  findItems,
  getFolder,
  getItem,
  setField,
  syncItems,
  update,
} from './conformance/world.ts';
import { randomFaults } from './control/chaos.ts';
import { seededRandom } from './people/seeded-random.ts';
import { startExchange } from './start-exchange.ts';

test('whatever faults are on, the server itself never fails, and when they are off it answers as before', async () => {
  const defects: unknown[] = [];
  const mailboxes = [
    {
      address: 'alice@example.test',
      password: 'alice-pw1',
      seed: { contacts: 30, appointments: 10, series: 6, tasks: 8 },
    },
  ];
  const log = (event: { readonly event: string }) => event.event === 'exchange.defect' && defects.push(event);
  const exchange = await startExchange({ estate: { mailboxes }, ports: { log } });
  const authorization = `Basic ${Buffer.from('alice@example.test:alice-pw1').toString('base64')}`;
  const send = async (operation: string): Promise<string> => {
    try {
      const body = requestText(operation);
      const response = await fetch(exchange.url, {
        method: 'POST',
        redirect: 'manual',
        headers: { authorization },
        body,
      });
      return await response.text();
    } catch {
      return '';
    }
  };
  let known = { id: 'AAAA', state: '' };
  const learn = (text: string): void => {
    const id = /<t:ItemId Id="([^"]+)"/.exec(text)?.[1];
    const state = /<m:SyncState>([^<]+)</.exec(text)?.[1];
    known = { id: id ?? known.id, state: state ?? known.state };
  };
  for (let seed = 1; seed <= 6; seed += 1) {
    for (const fault of randomFaults(seededRandom(seed), { breadth: 0.5, strength: 0.3 }))
      exchange.control.inject(fault);
    for (let n = 0; n < 12; n += 1) {
      const operations = [
        createContact(`<t:GivenName>N${n}</t:GivenName>`),
        createEvent('<t:Start>2030-01-01T10:00:00Z</t:Start><t:End>2030-01-01T11:00:00Z</t:End>'),
        syncItems(known.state),
        getItem(known.id),
        update(`<t:ItemId Id="${known.id}"/>`, setField('item:Subject', 'Contact', '<t:Subject>S</t:Subject>')),
        findItems('<m:Restriction><t:Exists><t:FieldURI FieldURI="item:Subject"/></t:Exists></m:Restriction>'),
        getFolder(),
        deleteItem(`<t:ItemId Id="${known.id}"/>`),
      ];
      for (const operation of operations) learn(await send(operation));
    }
    exchange.control.calm();
    const calm = await send(getFolder());
    assert.ok(readXml(calm).ok && calm.includes('NoError'), calm.slice(0, 200));
  }
  assert.deepEqual(defects, []);
  assert.ok(Object.keys(exchange.control.counters().faultsStruck).length >= 12);
  await exchange.close();
});
