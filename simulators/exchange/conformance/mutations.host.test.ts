/** Each trap of the server is switched off in a process of its own, and the case that should notice must fail there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Trap, traps } from './traps.ts';

const root = new URL('../', import.meta.url);
const hook = new URL('./switch-trap-off.ts', import.meta.url).href;
const processMsMax = 60_000;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the noticing case with the trap off. */
function runWithout(name: string, { noticedBy: [suite, title] }: Trap): Promise<Ran> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const pattern = `^${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  const child = spawn(
    process.execPath,
    ['--import', hook, '--test-reporter=tap', `--test-name-pattern=${pattern}`, fileURLToPath(new URL(suite, root))],
    { env: { ...env, EXCHANGE_TRAP_OFF: name }, stdio: ['ignore', 'pipe', 'pipe'], timeout: processMsMax },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('a server without one of its traps is noticed', { concurrency: Math.min(availableParallelism(), 4) }, () => {
  for (const [name, trap] of Object.entries(traps)) {
    const [suite, title] = trap.noticedBy;
    test(`${name} is noticed by ${title} in ${suite}`, async () => {
      const { code, output } = await runWithout(name, trap);
      // A broken table or a server that does not start would fail too, and prove nothing.
      assert.equal(code, 1, output);
      assert.match(output, /^# pass 0$/m);
      assert.match(output, /^# fail [1-9]/m);
      assert.match(output, /ERR_ASSERTION/, output);
      assert.match(output, new RegExp(`^not ok \\d+ - ${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'm'));
    });
  }
});
