import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualPorts } from '#testing/virtual-ports.ts';
import { testConsole } from '../test-console.ts';
import { showProgress } from './show-progress.ts';

const step = { kind: 'contact', stage: 'observe', side: 'crm', items: 1 } as const;

test('without a terminal there is at most one line per second and mailbox', () => {
  const ports = virtualPorts();
  const console = testConsole();
  const display = showProgress(console, 'lines', ports);
  for (let count = 0; count < 25; count += 1) {
    display.step('a@example.test', step);
    display.step('b@example.test', step);
    ports.advance(100);
  }
  const lines = console.errors.filter((line) => line.startsWith('a@'));
  assert.equal(lines.length, 3);
  assert.equal(console.errors.length, 6);
  assert.ok(console.errors.every((line) => !line.includes('\u001b')));
});

test('with --json every line of progress is one JSON document', () => {
  const console = testConsole();
  const display = showProgress(console, 'json', virtualPorts());
  display.step('a@example.test', step);
  display.say('a "remark"');
  const documents = console.errors.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal((documents[0]?.progress as { read: number } | undefined)?.read, 1);
  assert.equal(documents[1]?.message, 'a "remark"');
});

test('on a terminal the bars are drawn over the last ones, and NO_COLOR is honoured', () => {
  const ports = virtualPorts();
  const console = testConsole({ terminal: true, environment: { NO_COLOR: '1', TERM: 'xterm' } });
  const display = showProgress(console, 'bars', ports);
  display.step('a@example.test', step);
  ports.advance(200);
  display.step('b@example.test', step);
  display.say('above');
  display.end();
  assert.equal(console.errors.length, 4);
  assert.ok(!console.errors.join('').includes('\u001b[32m'));
  assert.ok(console.errors[1]?.startsWith('\u001b[1A\u001b[J'));
  assert.ok(console.errors[2]?.startsWith('\u001b[2A\u001b[Jabove\na@example.test '));
  assert.match(console.errors[2] ?? '', /\nb@example\.test /);
});

test('more mailboxes than the terminal has lines are counted instead of scrolled', () => {
  const ports = virtualPorts();
  const console = testConsole({ terminal: true, rows: 7 });
  const display = showProgress(console, 'bars', ports);
  for (let count = 0; count < 10; count += 1) {
    ports.advance(200);
    display.step(`user${count}@example.test`, step);
  }
  const lines = console.errors.at(-1)?.split('\n') ?? [];
  assert.equal(lines.length, 4);
  assert.match(lines[0] ?? '', /… and 7 more$/);
});
