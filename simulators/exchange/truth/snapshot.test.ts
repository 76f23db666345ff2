import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { find, findAll, post } from '../conformance/client.ts';
import { estateSchema } from '../estate.ts';
import { furnish } from '../furnish.ts';
import { editRandomly } from '../people/edit-randomly.ts';
import { seededRandom } from '../people/seeded-random.ts';
import { readLines, writeLines } from '../snapshot-file.ts';
import { startExchange } from '../start-exchange.ts';
import { isWithin } from './folder.ts';
import type { Mailbox } from './mailbox.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import type { Truth } from './truth.ts';

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
  const snapshot = [...first.snapshot()];
  await first.close();
  const second = await startExchange({ estate, ports, snapshot });
  assert.deepEqual(await answers(second.url, before.state), { ...before, changes: 0 });
  assert.deepEqual([...second.snapshot()], snapshot);
  await second.close();
});

const people = ['ada', 'ben'].map((name) => ({
  address: `${name}@example.test`,
  password: 'x',
  seed: { contacts: 3, appointments: 3, series: 3, tasks: 3 },
}));

function organisation(): Truth {
  const ports = {
    clock: { now: () => 1_800_000_000_000 },
    random: seededRandom(5),
    timer: { sleep: () => Promise.resolve() },
    log: () => {},
  };
  return furnish(estateSchema.parse({ mailboxes: people }), ports).truth;
}

/** An organisation after people, and somebody who tidies folders, have worked in it. */
function livedIn(seed: number): Truth {
  const truth = organisation();
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.fraction() * from.length)] as T;
  for (let n = 0; n < 40; n += 1) {
    const mailbox = truth.mailbox(pick(people).address) as Mailbox;
    const made = [...mailbox.folders.values()].filter((one) => one.wellKnown === undefined);
    const parents = [mailbox.wellKnown('msgfolderroot'), mailbox.wellKnown('inbox'), ...made];
    const chance = random.fraction();
    if (chance < 0.15) mailbox.createFolder(pick(parents), `Folder ${n}`, pick(['', 'IPF.Note', 'IPF.Contact']));
    else if (chance < 0.25 && made.length > 1) {
      const [folder, parent] = [pick(made), pick(made)];
      if (!isWithin(parent, folder)) mailbox.moveFolder(folder, parent);
    } else if (chance < 0.28 && made.length > 0) mailbox.removeFolder(pick(made));
    else editRandomly(truth, mailbox, random);
  }
  return truth;
}

test('whatever people did, what was saved is what is restored, and saving that again gives the same lines', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), async (seed) => {
      const lines = [...writeSnapshot(livedIn(seed))];
      const restored = organisation();
      assert.equal(await readSnapshot(lines, restored), undefined);
      assert.deepEqual([...writeSnapshot(restored)], lines);
    }),
    { numRuns: 40 },
  );
});

test('a snapshot that was cut off, damaged or made by another version is refused with what is wrong', async () => {
  const lines = [...writeSnapshot(livedIn(1))];
  const refusal = async (damaged: readonly string[]): Promise<string> =>
    (await readSnapshot(damaged, organisation()))?.message ?? 'accepted';
  for (const length of [1, 2, 20, lines.length - 1]) {
    assert.equal(await refusal(lines.slice(0, length)), `the snapshot was cut off after ${length} lines`);
  }
  assert.match(await refusal([]), /empty/);
  assert.match(await refusal([...lines.slice(0, 9), 'nonsense']), /line 10 of the snapshot is not JSON/);
  assert.match(await refusal([...lines.slice(0, 9), ...lines.slice(10)]), /is not what this server writes/);
  assert.match(await refusal([...lines, '{}']), /behind its end/);
  assert.match(await refusal(['{"format":2,"mailboxes":[]}']), /format 2, this server reads 3/);
  await assert.rejects(
    startExchange({ estate, snapshot: ['{"format":2}'] }),
    /cannot be used: the snapshot has format 2/,
  );
});

test('a file of a snapshot is replaced as a whole: when writing fails, the old one stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
  const path = join(folder, 'exchange.jsonl');
  const read = async (): Promise<readonly string[]> => Array.fromAsync(readLines(path));
  try {
    const lines = [...writeSnapshot(livedIn(2))];
    await writeLines(path, lines);
    assert.deepEqual(await read(), lines);
    const failing = (function* () {
      yield 'one';
      throw new Error('the disk is full');
    })();
    await assert.rejects(writeLines(path, failing), /full/);
    assert.deepEqual(await read(), lines);
  } finally {
    await rm(folder, { recursive: true });
  }
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
