import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { groups } from '#model/groups.ts';
import { kinds } from '#model/item.ts';
import { testCrm } from '#testing/sql-crm.ts';
import { sqlCrmCapabilities } from './capabilities.ts';
import { constraintPaths } from './faults.ts';
import { lengthFault } from './lengths.ts';
import { contactPlaces } from './mapping/contact.ts';
import { eventPlaces } from './mapping/event.ts';
import { taskPlaces } from './mapping/task.ts';

const docs = new URL('../../../docs/', import.meta.url);
const places = { contact: contactPlaces, event: eventPlaces, task: taskPlaces };

test('every table and column of the CRM is described in docs/crm-schema.md', async (t) => {
  const crm = await testCrm(t);
  const text = readFileSync(new URL('crm-schema.md', docs), 'utf8');
  const rows = await crm.database.query<{ table: string; column: string }>(
    'test.columns',
    `select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'crm' and table_name <> 'migration' order by table_name, ordinal_position`,
  );
  const sections = new Map(text.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')), section]));
  for (const { table, column } of rows) {
    const section = sections.get(`\`crm.${table}\``);
    assert.ok(section !== undefined, `no section for crm.${table}`);
    assert.ok(section.includes(`\`${column}\``), `crm.${table}.${column}`);
  }
});

test('every SQL example of docs/crm-schema.md runs as it stands', async (t) => {
  const crm = await testCrm(t);
  const text = readFileSync(new URL('crm-schema.md', docs), 'utf8');
  const examples = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!);
  assert.ok(examples.length >= 8);
  for (const example of examples) {
    await assert.doesNotReject(crm.database.script(example), example);
  }
  const carla = crm.connector('cmoreno');
  for (const kind of kinds) {
    const listing = await carla.changes(kind, null);
    assert.ok(listing.ok && listing.value.changes.length > 0, kind);
    const reply = await carla.read(
      kind,
      listing.value.changes.map((change) => change.id),
    );
    assert.ok(reply.ok && reply.value.every((outcome) => outcome.kind === 'present'));
  }
});

test('docs/mapping/crm.md names the columns of every path, and all of them exist', async (t) => {
  const crm = await testCrm(t);
  const text = readFileSync(new URL('mapping/crm.md', docs), 'utf8');
  const rows = await crm.database.query<{ name: string }>(
    'test.names',
    "select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'crm'",
  );
  const existing = new Set(rows.map((row) => row.name));
  const sections = text.split(/^## /m);
  for (const kind of kinds) {
    const section = sections.find((each) => each.toLowerCase().startsWith(`${kind}s\n`));
    assert.ok(section !== undefined, kind);
    for (const [path, names] of Object.entries(places[kind])) {
      const line: string | undefined = section.split('\n').find((each) => each.startsWith(`| \`${path}\` |`));
      assert.ok(line !== undefined, path);
      for (const name of names) {
        assert.ok(existing.has(name), name);
        assert.ok(line.includes(`\`${name}\``), `${path} without ${name}`);
      }
    }
  }
});

test('a refusal by any check of the schema names the path it guards', async (t) => {
  const crm = await testCrm(t);
  const rows = await crm.database.query<{ name: string }>(
    'test.checks',
    `select conname as name from pg_constraint where contype = 'c' and connamespace = 'crm'::regnamespace
       and conrelid not in ('crm.change'::regclass, 'crm.feed'::regclass, 'crm.link_key'::regclass,
                            'crm.account'::regclass)`,
  );
  assert.ok(rows.length > 30);
  // Roles, exceptions' column lists and the like are written by the adapter alone and cannot fail.
  const ours = new Set(['activity_employee_role', 'activity_contact_role', 'activity_other_role']);
  ours.add('activity_exception_changed');
  const unnamed = rows.map((row) => row.name).filter((name) => !(name in constraintPaths) && !ours.has(name));
  assert.deepEqual(unnamed, []);
  const existing = new Set(rows.map((row) => row.name));
  assert.deepEqual(
    Object.keys(constraintPaths).filter((name) => !existing.has(name)),
    [],
  );
});

test('whatever the adapter says it holds has a place', () => {
  for (const kind of kinds) {
    const held = Object.keys(sqlCrmCapabilities.kinds[kind]!.fields);
    const placed = new Set(Object.keys(places[kind]).map((path) => path.split('.')[0]));
    assert.deepEqual([...placed].sort(), held.sort());
    for (const name of held) assert.ok(groups[kind].some((group) => group.name === name));
  }
});

test('the lengths asked before a write are those of the columns', async (t) => {
  const crm = await testCrm(t);
  const rows = await crm.database.query<{ name: string; chars: number | null }>(
    'test.lengths',
    `select table_name || '.' || column_name as name, character_maximum_length as chars
       from information_schema.columns where table_schema = 'crm'`,
  );
  const chars = new Map(rows.map((row) => [row.name, row.chars]));
  const text = (length: number) => 'é'.repeat(length);
  const contact = (path: string, length: number) => {
    const [group, leaf] = path.split('.') as [string, string | undefined];
    const value = leaf === undefined ? text(length) : { [leaf]: text(length) };
    return { kind: 'contact', [group]: value } as never;
  };
  for (const [path, names] of Object.entries(contactPlaces)) {
    const limit = chars.get(names[0]!);
    if (limit === null || limit === undefined || path === 'mailingAddress' || path === 'sensitivity') continue;
    if (path === 'addresses.*') continue;
    const exact = path.replace('*', '1');
    assert.equal(lengthFault(contact(exact, limit)), undefined, exact);
    assert.equal(lengthFault(contact(exact, limit + 1))?.path, exact);
  }
  const street = (length: number) => ({ kind: 'contact', addresses: { home: { street: text(length) } } }) as const;
  assert.equal(lengthFault(street(chars.get('contact_address.street')!)), undefined);
  assert.equal(lengthFault(street(chars.get('contact_address.street')! + 1))?.path, 'addresses.home');
});
