import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { codesOf, findAll, post } from './conformance/client.ts';
import { createContact, syncItems } from './conformance/world.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

async function start(snapshot: string) {
  const child = spawn(process.execPath, [main, '--listen', '127.0.0.1:0', '--snapshot', snapshot, '--control'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const stop = async (): Promise<number> => {
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    return code;
  };
  return { url, stop };
}

test('the program starts, serves, stops on a signal, and continues from its snapshot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exchange-'));
  const snapshot = join(folder, 'snapshot.json');
  try {
    const first = await start(snapshot);
    assert.deepEqual(codesOf(await post(createContact('<t:GivenName>Ada</t:GivenName>'), { url: first.url })), [
      'NoError',
    ]);
    const health = await fetch(new URL('/health', first.url));
    assert.equal(((await health.json()) as { status: string }).status, 'ok');
    assert.equal(await first.stop(), 0);
    assert.ok(existsSync(snapshot));
    const second = await start(snapshot);
    assert.equal(findAll((await post(syncItems(''), { url: second.url })).body, 'Create').length, 1);
    assert.equal(await second.stop(), 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
