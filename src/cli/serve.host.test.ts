/** `liaison serve` with its own PostgreSQL, and other commands beside it. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const words = ['--disable-warning=ExperimentalWarning', entry];

function without(name: string): NodeJS.ProcessEnv {
  const { [name]: _, ...environment } = process.env;
  return { ...environment, P: 'x' };
}

/** Resolves when the log has a line with this event. */
function logged(child: ChildProcess, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes(`"event":"${event}"`)) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended: ${text}`)));
  });
}

test('commands work beside a running engine on its own database, and the engine stops in time when asked', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-serve-'));
  const config = join(folder, 'liaison.yaml');
  const signIn = { kind: 'basic', user: 'u', password: { env: 'P' } };
  writeFileSync(config, JSON.stringify({ servers: { main: { kind: 'ews', url: 'http://127.0.0.1:1/', signIn } } }));
  const environment = without('DATABASE_URL');
  const child = spawn(process.execPath, [...words, 'serve', '--config', config], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await logged(child, 'serve.started');

  const beside = (...more: readonly string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [...words, ...more, '--config', config], { env: environment });
  assert.match((await beside('users', 'add', 'ANN', 'ann@example.test')).stdout, /ann@example\.test: added/);
  assert.match((await beside('users', 'list')).stdout, /ann@example\.test +ANN +main/);
  assert.equal(child.exitCode, null, 'the engine still runs');

  const askedMs = Date.now();
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
  assert.ok(Date.now() - askedMs < 10_000);
  // The data is there for the next start, which brings its own server up again.
  assert.match((await beside('users', 'list')).stdout, /ann@example\.test +ANN +main/);
});
