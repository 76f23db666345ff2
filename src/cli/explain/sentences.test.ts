import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { State } from '#engine/plan/cells.ts';
import { type GroupNature, groups } from '#model/groups.ts';
import { eventSentence, eventSentences, reasonSentence, ruleSentences } from './sentences.ts';

const engine = new URL('../../engine/', import.meta.url);
const sources = readdirSync(engine, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, engine), 'utf8'))
  .join('\n');

/** The one-word texts that the engine’s sources give to a name. */
function textsOf(name: string): readonly string[] {
  return [...sources.matchAll(new RegExp(`\\b${name}(?::| = )([^;,[\\n]*)`, 'g'))].flatMap(([, rest]) =>
    [...(rest ?? '').matchAll(/(?<!=== |\()'([a-zA-Z]+)'/g)].map(([, text]) => text as string),
  );
}

test('every cell of the decision table has a sentence of its own', () => {
  const states: readonly State[] = ['same', 'edited', 'gone', 'out', 'new', 'absent', 'unknown'];
  const told = states.flatMap((crm) => states.map((mailbox) => reasonSentence(`${crm}/${mailbox}`)));
  assert.equal(new Set(told).size, 49);
  for (const sentence of told) assert.match(sentence, /CRM, .*mailbox: ./);
  assert.notEqual(reasonSentence('lateTwin'), 'lateTwin');
});

test('every reason why a link ends has a sentence', () => {
  for (const reason of ['deletionNotCarried', ...outReasons.map((one) => `out.${one}`)]) {
    assert.notEqual(reasonSentence(reason), reason);
  }
  assert.ok(sources.includes("reason: 'deletionNotCarried'"));
});

const outReasons = ['unlisted', 'reassigned', 'moved', 'window', 'access', 'converted', 'unknown'];

test('every event that the engine notes has a sentence', () => {
  const noted = [...sources.matchAll(/\bnote\([^)']*'([a-zA-Z]+)'/g)].map(([, event]) => event as string);
  const events = new Set([...textsOf('event'), ...noted, 'neverArrived']);
  assert.ok(events.size > 15, [...events].join());
  for (const event of events) {
    assert.ok(event in eventSentences, event);
    assert.notEqual(eventSentence(event, 'crm'), event);
  }
});

test('every rule by which a value gives way has a sentence', () => {
  const natures = new Set<GroupNature>(Object.values(groups).flatMap((all) => all.map(({ nature }) => nature)));
  const rules = new Set([
    ...textsOf('rule'),
    ...['crmWins', 'mailboxWins', 'newestWins', 'organizerWins', 'owner', 'keepBoth'],
    ...['newestWins', 'organizerWins', 'owner', 'keepBoth'].map((rule) => `${rule}.undecided`),
    ...[...natures].map((nature) => `firstSync.${nature}`),
  ]);
  assert.ok(rules.size > 6);
  for (const rule of rules) assert.ok(rule in ruleSentences, rule);
});
