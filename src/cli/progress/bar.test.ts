import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barText, lineText, measure } from './bar.ts';
import { Board } from './board.ts';

const row = (board: Board) => board.rows[0]!;

test('while a mailbox is read the bar tells how many items and how fast, and promises no end', () => {
  const board = new Board(0);
  board.step('alice@example.test', { kind: 'contact', stage: 'observe', side: 'crm', items: 100 }, 1_000);
  board.step('alice@example.test', { kind: 'contact', stage: 'observe', side: 'mailbox', items: 300 }, 4_000);
  const { doneItems, totalItems, perSecond, leftMs } = measure(row(board), 4_000);
  assert.deepEqual([doneItems, totalItems, perSecond, leftMs], [400, undefined, 100, undefined]);
  assert.match(barText(row(board), 4_000, 100, false), /alice@example\.test +contact +░{24} 400 reading 100\/s$/);
});

test('once the items that need a pair are counted the bar tells the time left', () => {
  const board = new Board(0);
  const step = (stage: 'observe' | 'match' | 'write', items: number, nowMs: number): void =>
    board.step('bob@example.test', { kind: 'event', stage, side: 'crm', items }, nowMs);
  step('observe', 50, 1_000);
  step('match', 50, 2_000);
  step('write', 25, 3_000);
  const text = barText(row(board), 3_000, 100, false);
  assert.match(text, /█{6}░{18} 25\/100 writing 25\/s 0:03 left$/);
  assert.equal(lineText(row(board), 3_000), 'bob@example.test event: writing 25 of 100, 25/s, 0:03 left');
});

test('when the pass is over the bar is full, whatever was expected', () => {
  const board = new Board(0);
  board.step('a@b', { kind: 'task', stage: 'match', side: 'crm', items: 50 }, 1_000);
  board.step('a@b', { kind: 'task', stage: 'write', side: 'crm', items: 60 }, 2_000);
  board.passed('a@b', 2_500);
  assert.match(barText(row(board), 9_000, 100, false), /█{24} 60\/60 done$/);
});

test('a new pass over the same mailbox starts counting anew', () => {
  const board = new Board(0);
  board.step('a@b', { kind: 'task', stage: 'observe', side: 'crm', items: 50 }, 1_000);
  board.passed('a@b', 1_500);
  board.step('a@b', { kind: 'task', stage: 'observe', side: 'crm', items: 2 }, 2_500);
  assert.equal(row(board).read, 2);
  assert.equal(measure(row(board), 2_500).perSecond, 2);
});

test('a line never grows wider than the terminal', () => {
  const board = new Board(0);
  const mailbox = `${'long'.repeat(20)}@example.test`;
  board.step(mailbox, { kind: 'contact', stage: 'observe', side: 'crm', items: 123_456 }, 1_000);
  for (const columns of [20, 40, 60, 80, 120]) {
    for (const nowMs of [1_000, 2_000]) {
      assert.ok([...barText(row(board), nowMs, columns, false)].length < columns, `${columns} columns`);
    }
  }
});

test('colours are only there when asked for', () => {
  const board = new Board(0);
  board.step('a@b', { kind: 'task', stage: 'observe', side: 'crm', items: 1 }, 1_000);
  assert.ok(!barText(row(board), 1_000, 100, false).includes('\u001b'));
  assert.ok(barText(row(board), 1_000, 100, true).includes('\u001b[32m'));
});
