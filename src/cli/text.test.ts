/** The small pieces of text: tables, times, suggestions, plans. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '#server/nearest.ts';
import type { PlannedWrite } from '#server/rehearsal-connector.ts';
import type { JournalEntry } from '#store/port.ts';
import { planLines, planText } from './plan-text.ts';
import { table } from './table.ts';
import { clockText, durationText, whenText } from './time-text.ts';

test('a table lines up its columns, numbers to the right', () => {
  const text = table(
    [{ title: 'name' }, { title: 'count', align: 'right' }, { title: 'why' }],
    [
      ['Zoë', '7', 'short'],
      ['Bartholomew', '12345', ''],
    ],
  );
  assert.equal(text, ['name         count  why', 'Zoë              7  short', 'Bartholomew  12345'].join('\n'));
});

test('times are told the way people tell them', () => {
  assert.deepEqual([3_400, 61_000, 7_200_000, 200_000_000].map(durationText), ['3 s', '1 min', '2 h', '2 d']);
  assert.deepEqual(
    [null, 100, 90_000, -5_000].map((at) => whenText(at, 0)),
    ['never', 'now', 'in 2 min', '5 s ago'],
  );
  assert.deepEqual([7_000, 725_000, 3_723_000].map(clockText), ['0:07', '12:05', '1:02:03']);
});

test('a slip of the finger is recognised, a different word is not', () => {
  const known = ['intervalSeconds', 'concurrency', 'url', 'zone'];
  assert.equal(nearest('intervalsecond', known), 'intervalSeconds');
  assert.equal(nearest('concurency', known), 'concurrency');
  assert.equal(nearest('ulr', known), 'url');
  assert.equal(nearest('colour', known), undefined);
});

test('a plan tells every write with its reason, and marks only as a number', () => {
  const write = (more: Partial<PlannedWrite>): PlannedWrite => ({
    ...{ side: 'mailbox', kind: 'contact', op: 'create', id: 'r1', linkKey: 'k1', item: null, paths: [] },
    ...more,
  });
  const journal: JournalEntry[] = [
    {
      at: '',
      kind: 'contact',
      linkKey: 'k1',
      event: 'created',
      side: 'mailbox',
      detail: { cell: 'new/absent', id: 'r1' },
    },
    { at: '', kind: 'task', linkKey: 'k2', event: 'removed', side: 'crm', detail: { cell: 'same/gone', id: 't9' } },
    { at: '', kind: 'event', linkKey: 'k3', event: 'updated', side: 'crm', detail: { cell: 'same/edited', id: 'e4' } },
  ];
  const lines = planLines({
    pass: { outcome: { at: '', result: 'changed', durationMs: 1 }, troubles: [] },
    journal,
    setAside: [],
    writes: [
      write({ item: { kind: 'contact', name: { given: 'Ann', surname: 'Archer' } } }),
      write({ side: 'crm', kind: 'task', op: 'remove', id: 't9', linkKey: null }),
      write({ side: 'crm', kind: 'event', op: 'update', id: 'e4', linkKey: null, paths: ['title'] }),
      write({ op: 'mark', id: 'm1' }),
      write({ op: 'mark', id: 'm2' }),
    ],
  });
  assert.equal(
    planText(lines, []),
    [
      'would create contact "Ann Archer" in the mailbox: new in the CRM',
      'would remove task t9 in the CRM: deleted in the mailbox',
      'would update event e4 in the CRM [title]: changed in the mailbox',
      'would mark 2 items that stay as they are with the key of their pair',
      'CRM: 0 to create, 1 to update, 1 to remove',
      'mailbox: 1 to create, 0 to update, 0 to remove',
      'Nothing was written.',
    ].join('\n'),
  );
});
