/** `liaison simulate exchange` as a process of its own. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));

type Child = ChildProcessByStdio<null, Readable, Readable>;

function simulate(...more: readonly string[]): Child {
  const words = ['--disable-warning=ExperimentalWarning', entry, 'simulate', 'exchange', '--listen', '127.0.0.1:0'];
  return spawn(process.execPath, [...words, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function firstLine(child: Child): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line;
}

async function stopped(child: Child): Promise<number | null> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function folderFor(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-simulate-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the command serves the mailboxes of the estate file with people in them, and keeps them in a snapshot', () =>
  folderFor(async (folder) => {
    const estate = join(folder, 'estate.yaml');
    const snapshot = join(folder, 'snapshot.json');
    await writeFile(
      estate,
      'mailboxes:\n  - { address: ada@example.test, password: ada-pw1, seed: { contacts: 5, appointments: 5 } }\n',
    );
    const child = simulate('--json', '--control', '--estate', estate, '--snapshot', snapshot, '--people', '6000');
    const started = JSON.parse(await firstLine(child)) as { url: string; status: string; mailboxes: number };
    assert.equal(started.status, 'ok');
    assert.equal(started.mailboxes, 1);
    const at = async (path: string): Promise<unknown> => (await fetch(new URL(path, started.url))).json();
    assert.equal(((await at('/health')) as { status: string }).status, 'ok');
    let people = (await at('/control/people')) as { done: number };
    while (people.done === 0) people = (await at('/control/people')) as { done: number };
    assert.equal(await stopped(child), 0);
    assert.match(readFileSync(snapshot, 'utf8'), /ada@example\.test/);
  }));

test('with --tls it serves HTTPS that a client trusts by the written certificate', () =>
  folderFor(async (folder) => {
    const ca = join(folder, 'ca.pem');
    const child = simulate('--tls', '--ca', ca);
    const line = await firstLine(child);
    const url = /https:\S+?(?=\/EWS)/.exec(line)?.[0] ?? '';
    const [response] = (await once(get(`${url}/health`, { ca: readFileSync(ca) }), 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.equal(await stopped(child), 0);
  }));

test('what cannot be used is said in one line, with exit code 2 and nothing left behind', () =>
  folderFor(async (folder) => {
    const missing = join(folder, 'none.yaml');
    const child = simulate('--estate', missing);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 2);
    assert.match(said, /^liaison: .*none\.yaml/);
    assert.equal(said.trimEnd().split('\n').length, 1);
    assert.equal(existsSync(missing), false);
  }));
