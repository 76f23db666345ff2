/**
 * The same requests that recordings of real servers answer, asked here in the same state: the answers must have the same
 * elements and attributes in the same order, in the same style of markup, with values of the same form. What differs stands
 * in `recorded-differences.ts` with its reason, and nothing else may.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { calendarScenes } from './recorded-calendar-scenes.ts';
import { compareRecorded } from './recorded-comparison.ts';
import { recordedDifferences } from './recorded-differences.ts';
import { itemScenes } from './recorded-item-scenes.ts';
import { serviceScenes } from './recorded-service-scenes.ts';
import { openStage } from './recorded-stage.ts';

const folder = new URL('../samples/recorded/', import.meta.url);
const recorded = (sample: string): string => readFileSync(new URL(`${sample}.xml`, folder), 'utf8');
const scenes = [...calendarScenes, ...itemScenes, ...serviceScenes];

/** Recordings that are played elsewhere. */
const unplayed: Readonly<Record<string, string>> = {
  'webdav-propfind-contact-ex2007': 'played by webdav/recorded.test.ts',
  'webdav-search-calendar-ex2007': 'played by webdav/recorded.test.ts',
};

for (const scene of scenes) {
  test(`a server of build ${scene.profile} answers as recorded in ${scene.sample}`, async () => {
    const text = await scene.play(await openStage(scene.profile));
    const differences = compareRecorded(recorded(scene.sample), text);
    const known = new Set((recordedDifferences[scene.sample] ?? []).map(({ line }) => line));
    const unnamed = differences.filter(({ line }) => !known.has(line));
    assert.deepEqual(unnamed, [], 'differences without a reason');
    const found = new Set(differences.map(({ line }) => line));
    assert.deepEqual(
      [...known].filter((line) => !found.has(line)),
      [],
      'reasons without a difference',
    );
  });
}

test('every recording is played, or has a reason why not', () => {
  const samples = readdirSync(folder).flatMap((name) => (name.endsWith('.xml') ? [name.slice(0, -4)] : []));
  const covered = [...scenes.map(({ sample }) => sample), ...Object.keys(unplayed)];
  assert.deepEqual(covered.sort(), samples.sort());
  assert.deepEqual(
    Object.keys(recordedDifferences).filter((sample) => !samples.includes(sample)),
    [],
  );
});

test('the comparison notices each kind of difference', () => {
  const lines = (left: string, right: string) => compareRecorded(left, right).map(({ line }) => line);
  const item = (inside: string, attributes = '') => `<a><t:Item${attributes}>${inside}</t:Item></a>`;
  assert.deepEqual(lines(item('<t:IsRead>true</t:IsRead>'), item('<t:IsRead>true</t:IsRead>')), []);
  assert.deepEqual(lines(item('<t:IsRead>true</t:IsRead>'), item('<t:IsRead>false</t:IsRead>')), [
    'value a/Item/IsRead',
  ]);
  assert.deepEqual(lines(item('<t:Subject>one</t:Subject>'), item('<t:Subject>two</t:Subject>')), []);
  assert.deepEqual(lines(item('<t:Subject>one</t:Subject>'), item('<t:Subject/>')), ['value a/Item/Subject']);
  assert.deepEqual(lines(item('<t:A/><t:B/>'), item('<t:B/><t:A/>')), [
    'only recorded a/Item/A',
    'only simulated a/Item/A',
  ]);
  assert.deepEqual(lines(item('<t:A />'), item('<t:A/>')), ['empty elements end with "/>"']);
  assert.deepEqual(lines(item('', ' x="1" y="2"'), item('', ' y="2" x="1"')), [
    'only recorded a/Item@x',
    'only simulated a/Item@x',
  ]);
  assert.deepEqual(
    lines(item('<t:Start>2030-01-01T00:00:00Z</t:Start>'), item('<t:Start>2030-01-01T00:00:00.000Z</t:Start>')),
    ['value a/Item/Start'],
  );
  assert.deepEqual(lines(item('', ' ChangeKey="DwAAAA=="'), item('', ' ChangeKey="EQAAAA=="')), [
    'value a/Item@ChangeKey',
  ]);
  assert.deepEqual(lines(item('<t:A/>'), item('<m:A/>')), ['prefix t: is m:']);
});
