import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { codesOf, find, findAll, post } from '../conformance/client.ts';
import { startExchange } from '../start-exchange.ts';
import { editRandomly } from './edit-randomly.ts';
import { seededRandom } from './seeded-random.ts';

const seed = { contacts: 60, appointments: 40, series: 24, tasks: 40 };

for (const version of ['se', '2010sp3', '2013'] as const) {
  test(`everything that simulated people make is shown as valid answers by a ${version} server`, async () => {
    const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1', seed }];
    const exchange = await startExchange({ estate: { version, mailboxes }, validateResponses: true });
    const mailbox = exchange.truth.mailbox('alice@example.test');
    assert.ok(mailbox);
    const random = seededRandom(7);
    for (let n = 0; n < 300; n += 1) editRandomly(exchange.truth, mailbox, random, `w${n}`);
    const newest = version === '2010sp3' ? 'Exchange2010_SP2' : 'Exchange2013_SP1';
    for (const requested of ['Exchange2010', 'Exchange2010_SP2', newest]) {
      const client = { url: exchange.url, version: requested };
      for (const folder of ['contacts', 'calendar', 'tasks', 'deleteditems']) {
        for (const shape of ['Default', 'AllProperties']) {
          const found = await post(
            `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>${shape}</t:BaseShape></m:ItemShape><m:IndexedPageItemView MaxEntriesReturned="200" Offset="0" BasePoint="Beginning"/><m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds></m:FindItem>`,
            client,
          );
          const ids = findAll(find(found.body, 'Items'), 'ItemId').map(
            (one) => `<t:ItemId Id="${one.attributes.Id}"/>`,
          );
          if (folder === 'contacts') assert.ok(ids.length > 20);
          if (ids.length === 0) continue;
          const read = await post(
            `<m:GetItem><m:ItemShape><t:BaseShape>${shape}</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="calendar:StartTimeZone"/></t:AdditionalProperties></m:ItemShape><m:ItemIds>${ids.join('')}</m:ItemIds></m:GetItem>`,
            client,
          );
          assert.deepEqual([...new Set(codesOf(read))], ['NoError']);
        }
      }
      const view = await post(
        '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:CalendarView StartDate="2026-06-01T00:00:00Z" EndDate="2027-06-01T00:00:00Z"/><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>',
        client,
      );
      assert.deepEqual(codesOf(view), ['NoError']);
    }
    assert.equal(exchange.control.counters().invalidResponses, 0);
    await exchange.close();
  });
}

test('the same seed makes the same content', async () => {
  const digest = async (worldSeed: number) => {
    const mailboxes = [{ address: 'alice@example.test', password: 'x', seed }];
    const ports = { clock: { now: () => 1_800_000_000_000 }, random: seededRandom(worldSeed) };
    const exchange = await startExchange({ estate: { mailboxes }, ports });
    const mailbox = exchange.truth.mailbox('alice@example.test');
    const folders = ['contacts', 'calendar', 'tasks'] as const;
    const items = folders.flatMap((name) => [...(mailbox?.wellKnown(name).items.values() ?? [])]);
    await exchange.close();
    const hash = createHash('sha256');
    for (const one of items) for (const [, value] of one.properties.entries()) hash.update(String(value));
    return { count: items.length, hash: hash.digest('hex') };
  };
  const first = await digest(5);
  assert.equal(first.count, 164);
  assert.deepEqual(await digest(5), first);
});
