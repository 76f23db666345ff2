/** The table of cases in README.md names what really exists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
const rows = [...readme.matchAll(/^\| ([A-Z]{3}-\d\d|\d+) +\| `([^`]+)` +\| (.+?) +\|$/gm)];

test('every case of the catalogue is a test of the file it names', () => {
  assert.ok(rows.length > 160, String(rows.length));
  for (const [, id = '', file = '', title = ''] of rows) {
    const source = readFileSync(new URL(file, new URL('../', import.meta.url)), 'utf8');
    assert.match(title, new RegExp(`\\b${id}\\b`), `${id} is not in "${title}"`);
    const isThere = title.split('…').every((part) => source.includes(part.trim()));
    assert.ok(isThere, `${id}: ${file} has no test "${title}"`);
  }
});
