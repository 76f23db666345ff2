/** The server against a deliberately naive mailbox (a map of names): whatever is done, both must hold the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { find, findAll } from './client.ts';
import { createContact, findItems, idOf, setField, update, world } from './world.ts';

const { call } = await world();

type Step =
  | { readonly kind: 'create'; readonly name: string }
  | { readonly kind: 'rename'; readonly at: number; readonly name: string }
  | { readonly kind: 'remove' | 'move' | 'copy'; readonly at: number };

// Text as people type it: anything XML can carry, no blanks around it, not empty.
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((one) => `n${one.replace(/\s+/g, ' ').trim()}`);
const at = fc.nat();
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), name }),
  fc.record({ kind: fc.constant('rename' as const), at, name }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'move' as const, 'copy' as const), at }),
);

const markupText = (text: string) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const given = (text: string) => `<t:GivenName>${markupText(text)}</t:GivenName>`;
const transfer = (kind: 'Move' | 'Copy', id: string, folder: string) =>
  `<m:${kind}Item><m:ToFolderId><t:DistinguishedFolderId Id="${folder}"/></m:ToFolderId><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:${kind}Item>`;

async function content(): Promise<ReadonlyMap<string, string>> {
  const reply = await call(findItems('', 'contacts').replace('IdOnly', 'Default'));
  return new Map(
    findAll(reply.body, 'Contact').map((one) => [
      find(one, 'ItemId')?.attributes.Id ?? '',
      find(one, 'GivenName')?.text ?? '',
    ]),
  );
}

test('any sequence of edits leaves exactly what a naive mailbox would hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      await call(
        '<m:EmptyFolder DeleteType="HardDelete" DeleteSubFolders="false"><m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:EmptyFolder>',
      );
      const naive = new Map<string, string>();
      for (const one of steps) {
        if (one.kind === 'create') {
          naive.set(idOf(await call(createContact(given(one.name)))).id, one.name);
          continue;
        }
        const id = [...naive.keys()][one.at % Math.max(naive.size, 1)];
        if (id === undefined) continue;
        const before = naive.get(id) ?? '';
        switch (one.kind) {
          case 'rename':
            await call(update(`<t:ItemId Id="${id}"/>`, setField('contacts:GivenName', 'Contact', given(one.name))));
            naive.set(id, one.name);
            break;
          case 'remove':
            await call(
              `<m:DeleteItem DeleteType="MoveToDeletedItems"><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:DeleteItem>`,
            );
            naive.delete(id);
            break;
          case 'copy':
            naive.set(idOf(await call(transfer('Copy', id, 'contacts'))).id, before);
            break;
          case 'move': {
            const away = idOf(await call(transfer('Move', id, 'deleteditems'))).id;
            naive.delete(id);
            naive.set(idOf(await call(transfer('Move', away, 'contacts'))).id, before);
            break;
          }
        }
      }
      assert.deepEqual(new Map([...(await content())].sort()), new Map([...naive].sort()));
    }),
    { numRuns: 25 },
  );
});
