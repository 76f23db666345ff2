import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, findAll, post } from '../conformance/client.ts';
import { editRandomly } from '../people/edit-randomly.ts';
import { seededRandom } from '../people/seeded-random.ts';
import { startExchange } from '../start-exchange.ts';

const estate = {
  mailboxes: [
    {
      address: 'alice@example.test',
      password: 'alice-pw1',
      seed: { contacts: 20, appointments: 20, series: 12, tasks: 16 },
    },
  ],
};

const list = (folder: string) =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds></m:FindItem>`;

test('a server started from a snapshot answers as the one it was taken from, with the same ids and sync states', async () => {
  const ports = { clock: { now: () => 1_800_000_000_000 } };
  const first = await startExchange({ estate, ports });
  const mailbox = first.truth.mailbox('alice@example.test');
  assert.ok(mailbox);
  const random = seededRandom(3);
  for (let n = 0; n < 100; n += 1) editRandomly(first.truth, mailbox, random);
  const before = await answers(first.url);
  const snapshot = first.snapshot();
  await first.close();
  const second = await startExchange({ estate, ports, snapshot });
  assert.deepEqual(await answers(second.url, before.state), { ...before, changes: 0 });
  assert.equal(second.snapshot(), snapshot);
  await second.close();
  await assert.rejects(startExchange({ estate, snapshot: '{"format":99}' }), /snapshot/);
});

async function answers(url: string, state?: string) {
  const bodies: string[] = [];
  for (const folder of ['contacts', 'calendar', 'tasks']) {
    const found = await post(list(folder), { url });
    const ids = findAll(found.body, 'ItemId').map((one) => `<t:ItemId Id="${one.attributes.Id}"/>`);
    const read = await post(
      `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds>${ids.join('')}</m:ItemIds></m:GetItem>`,
      { url },
    );
    bodies.push(read.text);
  }
  const known = state === undefined ? '' : `<m:SyncState>${state}</m:SyncState>`;
  const sync = await post(
    `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="contacts"/></m:SyncFolderId>${known}<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`,
    { url },
  );
  const changes = state === undefined ? 0 : findAll(find(sync.body, 'Changes'), 'ItemId').length;
  return { bodies, changes, state: state ?? find(sync.body, 'SyncState')?.text ?? '' };
}
