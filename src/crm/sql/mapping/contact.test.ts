import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffPaths, project, valueAt, withValue } from '#model/project.ts';
import { contacts } from '#testing/arbitrary-items.ts';
import { sqlCrmCapabilities } from '../capabilities.ts';
import { type ContactRecord, contactChanges, contactOf, contactRecordOf } from './contact.ts';

const { fields, zones } = sqlCrmCapabilities.kinds.contact!;

test('a contact comes back as what the CRM can hold of it', () => {
  fc.assert(
    fc.property(contacts, (contact) => {
      assert.deepEqual(contactOf(contactRecordOf(contact)), project(contact, fields, zones));
    }),
  );
});

test('an edit brings over the paths it names and nothing else', () => {
  fc.assert(
    fc.property(contacts, contacts, fc.infiniteStream(fc.boolean()), (from, to, chosen) => {
      const current = contactRecordOf(from);
      const paths = diffPaths(from, to).filter(() => chosen.next().value === true);
      let expected = from;
      for (const path of paths) expected = withValue(expected, path, valueAt(to, path));
      assert.deepEqual(contactOf(afterwards(current, to, paths)), project(expected, fields, zones));
    }),
  );
});

test('an edit of the whole groups writes nothing when both say the same', () => {
  fc.assert(
    fc.property(contacts, (contact) => {
      const paths = Object.keys(fields);
      const changes = contactChanges(contactRecordOf(contact), contact, paths);
      assert.deepEqual(changes, { emails: null, ims: null, phones: null, addresses: null });
    }),
  );
});

/** The record with the changes made, as the database makes them. */
function afterwards(current: ContactRecord, target: Parameters<typeof contactChanges>[1], paths: readonly string[]) {
  const changes = contactChanges(current, target, paths);
  const slots = <V>(stored: Readonly<Record<string, V>>, entries: Readonly<Record<string, V | null>> | null) =>
    Object.fromEntries(
      Object.entries({ ...stored, ...entries }).filter((entry): entry is [string, V] => entry[1] !== null),
    );
  return {
    row: changes.row ?? current.row,
    emails: slots(current.emails, changes.emails),
    ims: slots(current.ims, changes.ims),
    phones: slots(current.phones, changes.phones),
    addresses: slots(current.addresses, changes.addresses),
  };
}
