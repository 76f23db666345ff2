/** Starts the simulated Exchange as a child process and asks it things. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Ask, Reply } from './exchange-messages.ts';

type AnswerTo<K extends Answer['kind']> = Extract<Answer, { readonly kind: K }>;

export interface ExchangeChild {
  start(ask: Omit<Extract<Ask, { kind: 'start' }>, 'kind'>): Promise<AnswerTo<'started'>>;
  seed(ask: Omit<Extract<Ask, { kind: 'seed' }>, 'kind'>): Promise<AnswerTo<'seeded'>>;
  edit(mailbox: string): Promise<AnswerTo<'edited'>>;
  move(ask: Omit<Extract<Ask, { kind: 'move' }>, 'kind'>): Promise<AnswerTo<'moved'>>;
  counters(): Promise<AnswerTo<'counters'>>;
  /** Ends the process. Idempotent. */
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('./exchange-process.ts', import.meta.url));

export function spawnExchange(): ExchangeChild {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = asker(child);
  return {
    start: async (given) => (await ask({ kind: 'start', ...given })) as AnswerTo<'started'>,
    seed: async (given) => (await ask({ kind: 'seed', ...given })) as AnswerTo<'seeded'>,
    edit: async (mailbox) => (await ask({ kind: 'edit', mailbox })) as AnswerTo<'edited'>,
    move: async (given) => (await ask({ kind: 'move', ...given })) as AnswerTo<'moved'>,
    counters: async () => (await ask({ kind: 'counters' })) as AnswerTo<'counters'>,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function asker(child: ChildProcess): (ask: Ask) => Promise<Answer> {
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let last = 0;
  child.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) asked?.resolve(reply.value);
    else asked?.reject(new Error(`the simulated Exchange failed: ${reply.message}`));
  });
  const fail = (why: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(`the simulated Exchange ended: ${why}`));
    waiting.clear();
  };
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => fail(`${signal ?? code}`));
  return (ask) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      child.send({ id: last, ask }, (error) => {
        if (error === null) return;
        waiting.delete(last);
        reject(error);
      });
    });
}
