import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemPorts } from '#ports/system-ports.ts';
import { Mailbox } from '../../truth/mailbox.ts';
import { utc } from '../../truth/zone.ts';
import { folderIdText, itemIdText, occurrenceIdText, readId } from './ids.ts';

const counter = fc.integer({ min: 1, max: 2 ** 48 - 1 });

function mailbox(address: string): Mailbox {
  return new Mailbox({ address, aliases: [], displayName: 'A', zone: utc, culture: 'en-US' }, systemPorts());
}

test('every id can be read back to what it names', () => {
  fc.assert(
    fc.property(
      fc.emailAddress(),
      counter,
      counter,
      fc.integer({ min: -10_000, max: 60_000 }),
      (address, folder, item, day) => {
        const box = mailbox(address);
        const { guid } = box;
        assert.deepEqual(readId(folderIdText(box, folder)), { kind: 'folder', guid, folder });
        assert.deepEqual(readId(itemIdText(box, folder, item)), { kind: 'item', guid, folder, item });
        assert.deepEqual(readId(occurrenceIdText(box, folder, item, day)), {
          kind: 'occurrence',
          guid,
          folder,
          item,
          day,
        });
      },
    ),
    { numRuns: 100 },
  );
});

test('ids have the recorded prefixes and lengths', () => {
  const box = mailbox('alice@example.test');
  const plain = itemIdText(box, 0x92f9a575, 0x4e3df367);
  assert.ok(plain.startsWith('AAMk') || plain.startsWith('AQMk'));
  assert.ok(plain.length === 152 || plain.length === 148);
  const addresses = Array.from({ length: 30 }, (_, n) => `user${n}@example.test`);
  const prefixes = new Set(addresses.map((one) => folderIdText(mailbox(one), 0x10d).slice(0, 4)));
  assert.deepEqual([...prefixes].sort(), ['AAMk', 'AQMk']);
  assert.equal(occurrenceIdText(box, 0x92f9a575, 0x4e3df367, 20_000).length, 168);
});

test('an id is shortened exactly when that makes it shorter', () => {
  fc.assert(
    fc.property(
      fc.emailAddress(),
      fc.oneof(counter, fc.integer({ min: 1, max: 255 })),
      counter,
      (address, folder, item) => {
        const bytes = Buffer.from(itemIdText(mailbox(address), folder, item), 'base64');
        const whole = bytes[0] === 0 ? bytes.subarray(1) : repeated(bytes.subarray(1));
        assert.equal(whole.length, 112);
        const shortened = withoutRepeats(whole);
        assert.deepEqual(bytes, shortened.length < whole.length ? Buffer.of(1, ...shortened) : Buffer.of(0, ...whole));
      },
    ),
    { numRuns: 500 },
  );
});

/** After two equal bytes stands how many more there are. */
function withoutRepeats(bytes: Uint8Array): readonly number[] {
  const runs: number[][] = [];
  for (const byte of bytes) {
    const run = runs.at(-1);
    if (run !== undefined && run[0] === byte && run.length < 257) run.push(byte);
    else runs.push([byte]);
  }
  return runs.flatMap((run) => (run.length === 1 ? run : [run[0] as number, run[0] as number, run.length - 2]));
}

function repeated(bytes: Uint8Array): Uint8Array {
  const whole: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    whole.push(byte);
    if (bytes[at + 1] !== byte) continue;
    whole.push(...Array<number>(1 + (bytes[at + 2] as number)).fill(byte));
    at += 2;
  }
  return Uint8Array.from(whole);
}

test('ids in recordings of real servers are understood', () => {
  const folder = new URL('../../samples/recorded/', import.meta.url);
  let seen = 0;
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.xml') && !one.includes('2007'))) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    for (const [, id] of text.matchAll(/<t:(?:ItemId|FolderId|ParentFolderId) Id="(AAMk[^"]+)"/g)) {
      const read = readId(id ?? '');
      // The sanitised occurrence ids carry a scrambled kind byte inside the master's entry id.
      if (id?.length === 168) continue;
      assert.ok(read !== undefined, `${name}: ${id}`);
      seen += 1;
    }
  }
  assert.ok(seen > 30, String(seen));
});

test('text that is no id is not read as one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String({ maxLength: 300 })), (text) => {
      assert.equal(readId(text), undefined);
    }),
  );
});
