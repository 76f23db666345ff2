import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { defaultEstate, estateSchema } from './estate.ts';
import { readListen } from './stand-alone.ts';

test('the estate shown in the README is a valid one', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const estate = estateSchema.parse(parse(example));
  assert.equal(estate.mailboxes[0]?.version, '2010sp3');
  assert.equal(estate.throttling?.budget?.cutoffMs, 3_000_000);
  const file = readFileSync(new URL('estate.example.yaml', import.meta.url), 'utf8');
  assert.deepEqual(parse(file), parse(example));
});

test('an estate with a mistake is refused with its place', () => {
  const mistaken = { ...defaultEstate, version: '2003' };
  assert.throws(() => estateSchema.parse(mistaken), /version/);
});

test('addresses to listen on are read in all their forms', () => {
  assert.deepEqual(readListen('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(readListen('[::1]:0'), { host: '::1', port: 0 });
  assert.deepEqual(readListen('8080'), { host: '127.0.0.1', port: 8080 });
  assert.throws(() => readListen('nowhere'));
});
