/**
 * Not at random but one after the other: in small stories the process dies around every single call and commit, whatever
 * was under way arrives or does not, and then dies again in every place of the pass that recovers (the table of crashes in
 * `docs/torture.md`). Every ending must be one that could have come about without the deaths (I6).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPolicy } from '#engine/policy.ts';
import { defaultTunables } from '#engine/task.ts';
import type { Kind } from '#model/item.ts';
import type { Side } from '#store/port.ts';
import { run } from './run.ts';
import type { Act, Crash, FaultId, PassStep, Script, Setting, Step } from './script.ts';

const callsMax = 60;
/** Of the second deaths only every so-maniest in the everyday run; all in the nightly one. */
const stride = process.env.LIAISON_LONG === undefined ? 5 : 1;

const setting: Setting = {
  latencyMs: 1,
  pageItems: { crm: 50, mailbox: 50 },
  batch: { read: 20, write: 10 },
  settleMs: 60_000,
  writesReturnItem: { crm: true, mailbox: false },
  narrow: { crm: false, mailbox: false },
  rewrites: { crm: false, mailbox: true },
  levels: { contact: 'full', event: 'full', task: 'full' },
  policy: defaultPolicy,
  tunables: defaultTunables,
};

const act = (one: Act): Step => ({ kind: 'act', act: one });
const make = (side: Side, kind: Kind, shape = 0): Step => act({ act: 'create', side, kind, shape });
const plain: PassStep = { kind: 'pass', mishaps: [], acts: [], order: [] };
const edit = (side: Side, field: number): Step => act({ act: 'edit', side, pick: 0, field, fields: 0 });

/** What came before, and what the pass finds that dies. */
const stories: Readonly<Record<string, readonly Step[]>> = {
  'something new on one side': [make('crm', 'contact')],
  'the same thing on both sides': [act({ act: 'createBoth', side: 'crm', kind: 'event', shape: 0 })],
  'two edits of one item': [make('crm', 'contact'), plain, edit('crm', 2), edit('mailbox', 0)],
  'a deletion': [make('mailbox', 'task'), plain, act({ act: 'delete', side: 'crm', pick: 0 })],
  'an edit against a deletion': [
    make('crm', 'task'),
    plain,
    act({ act: 'delete', side: 'mailbox', pick: 0 }),
    edit('crm', 1),
  ],
  'a series with a changed occurrence': [
    make('mailbox', 'event', 1),
    act({ act: 'occurrence', side: 'mailbox', pick: 0, which: 0, how: 'change' }),
  ],
  'an item that moved': [make('crm', 'contact'), plain, act({ act: 'move', side: 'mailbox', pick: 0 }), edit('crm', 2)],
  'an item taken out of scope': [
    make('crm', 'contact'),
    plain,
    act({ act: 'release', side: 'crm', pick: 0, reason: 'unlisted' }),
  ],
};

for (const [name, steps] of Object.entries(stories)) {
  test(`${name}: a death at any call, and another at any call of the recovery, changes nothing in the end`, async () => {
    let deadly = 0;
    for (const first of deaths(1)) {
      if (!(await strikes(steps, [first]))) break;
      deadly += 1;
      for (const second of deaths(stride)) if (!(await strikes(steps, [first, second]))) break;
    }
    assert.ok(deadly > 10);
  });
}

const answers: readonly (readonly [FaultId, string])[] = [
  ['F1', 'lost on the way there'],
  ['F2', 'lost on the way back'],
  ['F4', 'late'],
  ['F5', 'garbled'],
  ['F12', 'a conflict'],
  ['F13', 'refused'],
];

test('every kind of answer to every write, with a death after it, leads to a state that is in order', async () => {
  for (const steps of Object.values(stories)) {
    for (const [fault] of answers) {
      for (const on of ['crm', 'mailbox'] as const) {
        for (const call of ['create', 'update', 'remove'] as const) {
          for (const arg of stride === 1 ? [0, 1, 2] : [0]) {
            for (const crash of [undefined, ...afterwards]) {
              const pass = {
                ...plain,
                mishaps: [{ on, call, nth: 0, fault, arg }],
                ...(crash === undefined ? {} : { crash }),
              };
              await endsWell([...steps, pass]);
            }
          }
        }
      }
    }
  }
});

const afterwards: readonly Crash[] = (['act.afterSend', 'act.settle.afterCommit'] as const).map((label) => ({
  at: 'label',
  label,
  nth: 0,
  inFlight: 'lost',
}));

/** Around every call: what is under way arrives, or it does not. */
function* deaths(step: number): Generator<Crash> {
  for (let nth = 0; nth < callsMax; nth += step) {
    for (const inFlight of ['lost', 'done'] as const) yield { at: 'call', nth, inFlight };
  }
}

/** All ends well; @returns whether every death came about. */
async function strikes(steps: readonly Step[], crashes: readonly Crash[]): Promise<boolean> {
  const died = await endsWell([...steps, ...crashes.map((crash): PassStep => ({ ...plain, crash }))]);
  return died === crashes.length;
}

/** @returns how many processes died */
async function endsWell(steps: readonly Step[]): Promise<number> {
  const script: Script = { seed: 1, setting, steps, amnesia: 'none' };
  const { violation, counts } = await run(script);
  assert.equal(violation?.message, undefined, JSON.stringify(steps.at(-1)));
  return counts.crashes;
}
