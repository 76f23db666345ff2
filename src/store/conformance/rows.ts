/** Rows for the conformance suite: each builder makes a plain valid row and takes what a test wants to be different. */
import type { Fault } from '#contract/fault.ts';
import { prints } from '#model/fingerprint.ts';
import type { Contact } from '#model/item.ts';
import type {
  Brake,
  Claim,
  Feed,
  IntentRow,
  ItemRow,
  JournalEntry,
  Lease,
  LinkRow,
  LocationRow,
  Pair,
  PairId,
  Store,
} from '../port.ts';

export const leaseMs = 60_000;

/** Any moment; the store has no clock of its own. */
export const startMs = 1_780_000_000_000;

export const instant = '2026-03-05T09:00:00Z';

export const refusal: Fault = {
  code: 'item.invalid',
  message: 'The server refused the item.',
  source: 'ErrorX',
  path: 'body',
};

export const ann: Contact = {
  kind: 'contact',
  name: { given: 'Ann', surname: 'Lee' },
  emails: { '1': 'ann@example.com' },
  body: { text: 'Met at the fair.\nCalls back on Monday.' },
};

export function pairRow(pairId: PairId, more: Partial<Pair> = {}): Pair {
  return {
    pairId,
    crmUser: `LOGIN-${pairId}`,
    mailbox: `${pairId}@example.com`,
    enabled: true,
    server: 'main',
    levels: { contact: 'full', event: 'export', task: 'none' },
    ...more,
  };
}

export function feedRow(more: Partial<Feed> = {}): Feed {
  const fresh = { listed: false, verified: false, mapping: '1', mappedEpoch: 1 };
  return { side: 'mailbox', kind: 'contact', epoch: 1, cursor: 'c1', ...fresh, ...more };
}

/** A linked contact of the mailbox about which everything is settled. */
export function itemRow(id: string, more: Partial<ItemRow> = {}): ItemRow {
  return {
    side: 'mailbox',
    kind: 'contact',
    id,
    version: 'v1',
    presence: 'present',
    item: null,
    linkKey: null,
    claimedKey: null,
    epoch: 1,
    pending: false,
    matchKeys: [],
    facts: null,
    parked: null,
    ...more,
  };
}

/** A settled link of two contacts; its items are `crm-<key>` and `mailbox-<key>`. */
export function linkRow(linkKey: string, more: Partial<LinkRow> = {}): LinkRow {
  return {
    linkKey,
    kind: 'contact',
    origin: 'crm',
    ids: { crm: `crm-${linkKey}`, mailbox: `mailbox-${linkKey}` },
    base: ann,
    prints: { crm: prints(ann), mailbox: { ...prints(ann), name: 'mailboxprint' } },
    quarantine: null,
    holds: [],
    ended: null,
    ...more,
  };
}

/** The items of `linkRow(linkKey)`. */
export function linkedItems(linkKey: string, more: Partial<ItemRow> = {}): readonly ItemRow[] {
  return [
    itemRow(`crm-${linkKey}`, { side: 'crm', linkKey, ...more }),
    itemRow(`mailbox-${linkKey}`, { side: 'mailbox', linkKey, ...more }),
  ];
}

export function intentRow(intentId: string, linkKey: string, more: Partial<IntentRow> = {}): IntentRow {
  return {
    intentId,
    linkKey,
    kind: 'contact',
    side: 'mailbox',
    op: 'update',
    state: 'armed',
    remoteId: `mailbox-${linkKey}`,
    expectedVersion: 'v1',
    target: ann,
    paths: ['name.given', 'emails.1'],
    firstSentAtMs: null,
    attempts: 0,
    cell: 'changed/same',
    ...more,
  };
}

export function journalEntry(event: string, more: Partial<JournalEntry> = {}): JournalEntry {
  return { at: instant, kind: 'contact', linkKey: null, event, side: 'mailbox', detail: {}, ...more };
}

export function brakeRow(more: Partial<Brake> = {}): Brake {
  return {
    side: 'mailbox',
    kind: 'contact',
    work: 'removals',
    count: 31,
    links: 200,
    plan: 'plan-1',
    sample: ['k1', 'k2'],
    since: instant,
    state: 'held',
    ...more,
  };
}

export function locationRow(more: Partial<LocationRow> = {}): LocationRow {
  return {
    location: {
      server: 'mbx1.example.com',
      urls: ['https://mbx1.example.com/EWS/Exchange.asmx'],
      version: '15.2.2562.17',
      protocols: ['ews'],
      smtp: 'ann@example.com',
      source: 'activeDirectory',
      directory: 'corp',
      at: instant,
    },
    checkedAtMs: startMs,
    isDoubted: false,
    ...more,
  };
}

/** Puts one pair into the map and leases it from `startMs`. */
export async function claimNew(store: Store, pairId: PairId, owner = 'one'): Promise<Lease> {
  await store.putPairs([pairRow(pairId)]);
  return (await claimNow(store, pairId, owner)).lease;
}

export async function claimNow(store: Store, pairId: PairId, owner: string, nowMs = startMs): Promise<Claim> {
  const claim = await store.claimPair(pairId, owner, nowMs, leaseMs);
  if (claim === undefined) throw new Error(`${pairId} could not be leased`);
  return claim;
}
