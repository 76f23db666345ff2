import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemPorts } from '#ports/system-ports.ts';
import { Draft } from '../../truth/draft.ts';
import type { Item } from '../../truth/item.ts';
import { Mailbox } from '../../truth/mailbox.ts';
import { message } from '../../truth/property-keys.ts';
import { utc } from '../../truth/zone.ts';
import { changesSince } from './item-changes.ts';
import { emptyState, readSyncState, type SyncState, writeSyncState } from './sync-state.ts';

type Step =
  | { readonly kind: 'create' }
  | { readonly kind: 'edit' | 'remove' | 'read' | 'moveAway'; readonly at: number }
  | { readonly kind: 'page'; readonly max: number };

const at = fc.nat();
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ kind: 'create' }),
  fc.record({ kind: fc.constantFrom('edit' as const, 'remove' as const, 'read' as const, 'moveAway' as const), at }),
  fc.record({ kind: fc.constant('page' as const), max: fc.integer({ min: 1, max: 4 }) }),
);

test('a client that follows the changes page by page always ends with exactly the content of the folder', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, newestFirst) => {
      const ports = systemPorts();
      const mailbox = new Mailbox(
        { address: 'a@b', aliases: [], displayName: 'A', zone: utc, culture: 'en-US' },
        ports,
      );
      const folder = mailbox.wellKnown('contacts');
      const client = new Map<number, string>();
      let state: SyncState = emptyState('items', mailbox.guid, folder.counter);
      let edits = 0;
      for (const one of steps) {
        if (one.kind === 'page') {
          page(one.max);
          continue;
        }
        edits += 1;
        if (one.kind === 'create') {
          mailbox.create(folder, draftOf(`v${edits}`), 'A');
          continue;
        }
        const items = [...folder.items.values()];
        const item = items[one.at % Math.max(items.length, 1)];
        if (item !== undefined) edit(mailbox, item, one.kind, `v${edits}`);
      }
      while (!page(3));
      const truth = new Map([...folder.items.values()].map((item) => [item.counter, titleOf(item)]));
      assert.deepEqual(new Map([...client].sort()), new Map([...truth].sort()));
      assert.equal(page(512, true), true);

      function page(max: number, expectNothing = false): boolean {
        const options = { max, newestFirst, withAssociated: false, ignored: new Set<number>() };
        const first = changesSince(state, folder, mailbox, options);
        assert.deepEqual(changesSince(state, folder, mailbox, options), first);
        if (expectNothing) assert.deepEqual(first.changes, []);
        for (const change of first.changes) {
          if (change.kind === 'delete') {
            assert.ok(client.delete(change.counter), 'a delete of something the client never had');
          } else {
            assert.equal(client.has(change.item.counter), change.kind !== 'create');
            client.set(change.item.counter, titleOf(change.item));
          }
        }
        const read = readSyncState(writeSyncState(first.state, ports.random));
        assert.deepEqual(read, { ...first.state, given: [...first.state.given].sort((a, b) => a - b) });
        state = read ?? state;
        return first.isLast;
      }
    }),
    {
      numRuns: 300,
      // A message read, then edited, with another one's creation between: found on a random seed.
      examples: [
        [
          [
            { kind: 'create' },
            { kind: 'read', at: 0 },
            { kind: 'create' },
            { kind: 'edit', at: 0 },
            { kind: 'page', max: 1 },
          ],
          true,
        ],
      ],
    },
  );
});

test('a state that was cut, changed or made up is not accepted', () => {
  const { random } = systemPorts();
  const text = writeSyncState(emptyState('items', '0'.repeat(36), 7), random);
  assert.match(text, /^H4sI/);
  assert.equal(readSyncState(text.slice(0, -8)), undefined);
  assert.equal(readSyncState('H4sIAAA='), undefined);
  assert.equal(readSyncState('no state'), undefined);
});

function draftOf(title: string): Draft {
  const draft = new Draft();
  draft.set(message.itemClass, 'IPM.Contact');
  draft.set(message.subject, title);
  return draft;
}

function titleOf(item: Item): string {
  return item.properties.get(message.subject) ?? '';
}

function edit(mailbox: Mailbox, item: Item, kind: 'edit' | 'remove' | 'read' | 'moveAway', title: string): void {
  switch (kind) {
    case 'edit': {
      const draft = new Draft({ item, occurrence: undefined });
      draft.set(message.subject, title);
      mailbox.update(draft, 'A');
      return;
    }
    case 'remove':
      mailbox.remove(item, 'hard');
      return;
    case 'read':
      mailbox.setRead(item, !item.isRead);
      return;
    case 'moveAway':
      mailbox.move(item, mailbox.wellKnown('tasks'));
      return;
  }
}
