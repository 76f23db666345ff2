/** The demo as people run it: a program that needs nothing, shows everything and leaves nothing behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crmItems, mailboxItems } from './demo/cast.ts';
import type { DemoRow } from './demo/report.ts';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Document {
  readonly inSync: boolean;
  readonly rows: readonly DemoRow[];
  readonly edits: { readonly inMailboxes: number; readonly inCrm: number };
  readonly firstSync: { readonly paired: Readonly<Record<string, Readonly<Record<string, number>>>> };
  readonly simulator: { readonly requests: number; readonly invalidResponses: number; readonly mailsSent: number };
}

/** `DATABASE_URL` is taken away: the demo brings its own PostgreSQL. */
async function demo(words: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { DATABASE_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, 'demo', ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

const leftovers = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('liaison-demo-'));

test('the demo ends with everything in sync, nothing lost, nothing doubled and no message sent', async () => {
  const before = leftovers();
  const { code, out, err } = await demo(['--exit-when-quiet', '--json', '--mailboxes', '2', '--seconds', '4']);
  assert.equal(code, 0, `${err.slice(-2_000)}\n${out.slice(0, 2_000)}`);
  const document = JSON.parse(out) as Document;
  assert.equal(document.inSync, true);

  // The first sync made exactly one pair of everything: what both know, and what each knows alone.
  const union = (inMailbox: number, inCrm: number): number => inMailbox + inCrm - Math.round(inMailbox * 0.4);
  const { contacts, appointments, series, tasks } = mailboxItems;
  const expected = {
    contact: union(contacts, crmItems.contacts),
    event: union(appointments, crmItems.appointments) + series + crmItems.series,
    task: union(tasks, crmItems.tasks),
  };
  assert.deepEqual(document.firstSync.paired, { 'alice@example.test': expected, 'bob@example.test': expected });

  const edits = document.edits.inMailboxes + document.edits.inCrm;
  assert.ok(edits > 10, `only ${edits} edits`);
  assert.equal(document.rows.length, 6);
  for (const row of document.rows) {
    assert.ok(row.inSync, JSON.stringify(row));
    assert.ok(row.created.crm > 0 && row.created.mailbox > 0, JSON.stringify(row));
    assert.ok(Math.abs(row.paired - expected[row.kind]) <= edits, JSON.stringify(row));
  }
  assert.ok(document.rows.some((row) => row.updated.crm > 0) && document.rows.some((row) => row.updated.mailbox > 0));
  assert.equal(document.simulator.mailsSent, 0);
  assert.equal(document.simulator.invalidResponses, 0);
  assert.ok(
    err.split('\n').every((line) => line === '' || line.startsWith('{')),
    'progress is JSON lines',
  );
  assert.deepEqual(leftovers(), before, 'nothing is left in the temporary folder');
});

test('an estate of 2007 and SE, with a mailbox that moves between them, ends with everything in sync and nothing doubled', async () => {
  const words = ['--exit-when-quiet', '--json', '--estate', 'mixed', '--mailboxes', '3', '--seconds', '6'];
  const { code, out, err } = await demo(words);
  assert.equal(code, 0, `${err.slice(-2_000)}\n${out.slice(0, 2_000)}`);
  const document = JSON.parse(out) as Document;
  assert.equal(document.inSync, true);
  assert.match(err, /alice@example\.test has moved/);
  assert.equal(document.rows.length, 9);
  const edits = document.edits.inMailboxes + document.edits.inCrm;
  for (const row of document.rows) {
    assert.ok(row.inSync, JSON.stringify(row));
    // Two meetings across both servers, and at most one item more for every edit: a move makes nothing.
    const first = document.firstSync.paired[row.mailbox]?.[row.kind] ?? 0;
    assert.ok(row.paired <= first + edits + 4, JSON.stringify(row));
  }
  assert.equal(document.simulator.mailsSent, 0);
  assert.equal(document.simulator.invalidResponses, 0);
});
