import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Kind } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import type { XmlElement } from '#xml/reader.ts';
import { readXml } from '#xml/reader.ts';
import type { MappingContext } from './mapping.ts';
import { mappings } from './mappings.ts';

const all = mappings('liaison-link');
const context: MappingContext = {
  mailboxZone: 'Europe/Berlin',
  mailbox: 'alex.sample@example.test',
  smtpOf: () => '',
  serverKnowsZones: true,
};

const kindsByElement: Readonly<Record<string, Kind>> = { Contact: 'contact', CalendarItem: 'event', Task: 'task' };
const folder = new URL('../../../../testing/ews-samples/recorded/', import.meta.url);

/** Items of the kinds anywhere in an answer: also rows of lists, with only some of the properties. */
function itemsIn(element: XmlElement): readonly XmlElement[] {
  if (kindsByElement[element.name] !== undefined && element.children.length > 1) return [element];
  return element.children.flatMap(itemsIn);
}

const recordings = readdirSync(folder).filter((name) => name.endsWith('.xml') && !name.startsWith('webdav-'));

test('there are recordings to be read', () => {
  assert.ok(recordings.length > 20);
});

for (const name of recordings) {
  const parsed = readXml(readFileSync(new URL(name, folder), 'utf8'));
  const items = parsed.ok ? itemsIn(parsed.root) : [];
  if (items.length === 0) continue;
  test(`every item of ${name} is read as a canonical item or refused with a reason`, () => {
    for (const element of items) {
      const read = all[kindsByElement[element.name]!].read(element, context);
      if (read.ok) assert.deepEqual(read.value.item, normalise(read.value.item));
      else assert.match(read.fault.code, /^item\.(unsupported|unreadable)$/);
    }
  });
}
