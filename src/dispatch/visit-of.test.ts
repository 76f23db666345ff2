import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '#model/item.ts';
import type { Feed, Side } from '#store/port.ts';
import { visitOf } from './visit-of.ts';

const feed = (side: Side, kind: Kind, listed = true): Feed => ({
  side,
  kind,
  epoch: 1,
  mapping: '1',
  mappedEpoch: 1,
  cursor: 'c',
  listed,
  verified: listed,
});

test('a mailbox is visited for the first time until every kind of it was listed to its end', () => {
  const wanted = ['contact', 'event'] as const;
  assert.equal(visitOf([], 'mailbox', wanted), 'initial');
  assert.equal(visitOf([feed('mailbox', 'contact')], 'mailbox', wanted), 'initial');
  assert.equal(visitOf([feed('mailbox', 'contact'), feed('mailbox', 'event', false)], 'mailbox', wanted), 'initial');
  assert.equal(visitOf([feed('mailbox', 'contact'), feed('mailbox', 'event')], 'mailbox', wanted), 'ongoing');
});

test('what the other side listed, or a kind that nobody wants, does not count', () => {
  assert.equal(visitOf([feed('crm', 'contact')], 'mailbox', ['contact']), 'initial');
  assert.equal(
    visitOf([feed('mailbox', 'contact'), feed('mailbox', 'task', false)], 'mailbox', ['contact']),
    'ongoing',
  );
});
