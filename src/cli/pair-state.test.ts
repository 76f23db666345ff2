import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '#contract/fault.ts';
import type { Brake, Feed, PairStatus, Waiting } from '#store/port.ts';
import { judge, type PairReport, stateText } from './pair-state.ts';

const nowMs = Date.UTC(2026, 2, 2, 8);
const mapped = { mapping: '1', mappedEpoch: 1 };
const feed: Feed = { side: 'crm', kind: 'contact', epoch: 1, cursor: 'x', listed: true, verified: true, ...mapped };
const waiting: Waiting = {
  kind: 'contact',
  pendingLinks: 0,
  setAside: 0,
  unlinked: 0,
  leaving: { crm: 0, mailbox: 0 },
  unreadable: 0,
  heldBrakes: 0,
  activeLinks: 100,
};
const brake = { state: 'held' } as Brake;

function report(status: Partial<PairStatus>, more: Partial<PairReport> = {}, enabled = true): PairReport {
  const levels = { contact: 'full', event: 'full', task: 'full' } as const;
  const pair = { pairId: 'p', crmUser: 'A', mailbox: 'a@b', enabled, server: 'main', levels };
  const whole: PairStatus = {
    pair,
    nextAtMs: nowMs,
    attempts: 0,
    owner: null,
    leaseUntilMs: 0,
    lastOutcome: { at: '2026-03-02T07:59:00Z', result: 'quiet', durationMs: 5 },
    lastGoodAt: '2026-03-02T07:59:00Z',
    ...status,
  };
  return { status: whole, feeds: [feed], waiting: [waiting], tallies: [], brakes: [], ...more };
}

const failed = {
  at: '2026-03-02T07:59:00Z',
  result: 'failed',
  durationMs: 5,
  fault: fault('server.timeout', 'x'),
} as const;
const open = { ...waiting, pendingLinks: 20, unlinked: 25 };

const cases: readonly (readonly [name: string, report: PairReport, text: string])[] = [
  ['nothing waits', report({}), 'in sync'],
  ['changes wait', report({}, { waiting: [{ ...waiting, pendingLinks: 1 }] }), 'lagging'],
  [
    'changes wait beside records in quarantine',
    report({}, { waiting: [{ ...waiting, pendingLinks: 3, setAside: 2 }] }),
    'lagging',
  ],
  [
    'nothing but records in quarantine',
    report({}, { waiting: [{ ...waiting, pendingLinks: 3, setAside: 3 }] }),
    'in sync',
  ],
  ['the next pass is long overdue', report({ nextAtMs: nowMs - 11 * 60_000 }), 'lagging'],
  ['the last pass failed', report({ lastOutcome: failed }), 'failing'],
  ['the server asks to wait', report({ lastOutcome: { ...failed, fault: fault('budget.exhausted', 'x') } }), 'lagging'],
  ['a mass change waits for a person', report({}, { brakes: [brake] }), 'held by brake'],
  ['a released brake holds nothing', report({}, { brakes: [{ ...brake, state: 'released' }] }), 'in sync'],
  ['the user is switched off', report({ lastOutcome: failed }, {}, false), 'disabled'],
  ['nothing was read yet', report({ lastGoodAt: null, lastOutcome: null }, { feeds: [] }), 'initial 0 %'],
  [
    'the first sync is being read',
    report({ lastGoodAt: null }, { feeds: [{ ...feed, listed: false }] }),
    'initial 0 %',
  ],
  ['the first sync is being written', report({ lastGoodAt: null }, { waiting: [open] }), 'initial 64 %'],
];

for (const [name, given, text] of cases) {
  test(`the state of a user is told in words: ${name}`, () => {
    assert.equal(stateText(judge(given, nowMs)), text);
  });
}
