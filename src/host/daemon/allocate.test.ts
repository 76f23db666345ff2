import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Visit } from '#contract/connector.ts';
import { type AllocationLimits, allocate, type ProcessLoad } from './allocate.ts';

const limits = fc.record({
  usersMax: fc.integer({ min: 1, max: 5 }),
  processesMax: fc.integer({ min: 1, max: 6 }),
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ visit: fc.constantFrom<Visit>('initial', 'ongoing'), user: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ leaves: fc.nat(40) }) },
);

/** Users arrive and leave as told; every arrival is checked against the rules. */
function live(steps: readonly ({ visit: Visit; user: number } | { leaves: number })[], bounds: AllocationLimits): void {
  const processes: (ProcessLoad & { readonly users: Set<string> })[] = [];
  let serial = 0;
  for (const one of steps) {
    if ('leaves' in one) {
      const process = processes[one.leaves % Math.max(1, processes.length)];
      const [user] = process?.users ?? [];
      if (process === undefined || user === undefined) continue;
      process.users.delete(user);
      if (process.users.size === 0) processes.splice(processes.indexOf(process), 1);
      continue;
    }
    const user = `user ${one.user}`;
    const { visit } = one;
    const choice = allocate(processes, { program: '', visit, user }, bounds);
    const roomy = processes.filter(
      (process) => process.visit === 'ongoing' && (process.users.size < bounds.usersMax || process.users.has(user)),
    );
    switch (choice.kind) {
      case 'join': {
        assert.equal(visit, 'ongoing');
        const joined = processes.find(({ id }) => id === choice.id);
        assert.ok(joined !== undefined && roomy.includes(joined));
        joined.users.add(user);
        break;
      }
      case 'start':
        assert.ok(visit === 'initial' || roomy.length === 0);
        serial += 1;
        processes.push({ id: serial, program: '', visit, open: true, users: new Set([user]) });
        break;
      case 'busy':
        assert.equal(processes.length, bounds.processesMax);
        assert.ok(visit === 'initial' || roomy.length === 0);
    }
    assert.ok(processes.length <= bounds.processesMax);
    for (const process of processes)
      assert.ok(process.users.size <= (process.visit === 'initial' ? 1 : bounds.usersMax));
  }
}

test('whoever comes and goes: no process has more users than allowed, initial extracts are alone, nothing starts while there is room', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, bounds) => live(steps, bounds)));
});

test('a thousand users fill exactly four processes of 250', () => {
  const processes: (ProcessLoad & { readonly users: Set<string> })[] = [];
  for (let user = 0; user < 1_000; user += 1) {
    const ask = { program: '', visit: 'ongoing', user: `user ${user}` } as const;
    const choice = allocate(processes, ask, { usersMax: 250, processesMax: 16 });
    if (choice.kind === 'start')
      processes.push({ id: user, program: '', visit: 'ongoing', open: true, users: new Set([ask.user]) });
    else if (choice.kind === 'join') processes.find(({ id }) => id === choice.id)?.users.add(ask.user);
  }
  assert.deepEqual(
    processes.map(({ users }) => users.size),
    [250, 250, 250, 250],
  );
});

test('a process that is to end, or that runs another program, takes nobody', () => {
  const one = { id: 1, program: '', visit: 'ongoing', open: true, users: new Set(['a']) } as const;
  const ask = { program: '', visit: 'ongoing', user: 'b' } as const;
  const bounds = { usersMax: 9, processesMax: 9 };
  assert.deepEqual(allocate([{ ...one, open: false }], ask, bounds), { kind: 'start' });
  assert.deepEqual(allocate([{ ...one, program: 'memory' }], ask, bounds), { kind: 'start' });
  assert.deepEqual(allocate([one], ask, bounds), { kind: 'join', id: 1 });
});
