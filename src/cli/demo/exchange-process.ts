/**
 * The simulated Exchange of the demo, in a process of its own, with the simulated people who use its mailboxes. Started by
 * `exchange-child.ts`, which it talks to over the process's message channel; ends when that channel closes.
 */
import { systemPorts } from '#ports/system-ports.ts';
import { editRandomly } from '#simulators/exchange/people/edit-randomly.ts';
import { seedMailbox } from '#simulators/exchange/people/seed-mailbox.ts';
import { seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import { type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import type { Answer, Question, Reply } from './exchange-messages.ts';

let exchange: RunningExchange | undefined;
let random = seededRandom(1);

process.on('disconnect', () => process.exit(0));
// Ctrl-C at a terminal reaches this process too; it stays until the demo is done with it.
process.on('SIGINT', () => {});
process.on('message', (question: Question) => {
  void answer(question.ask).then(
    (value) => send({ id: question.id, ok: true, value }),
    (error: unknown) =>
      send({ id: question.id, ok: false, message: error instanceof Error ? (error.stack ?? '') : String(error) }),
  );
});

function send(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}

async function answer(ask: Question['ask']): Promise<Answer> {
  switch (ask.kind) {
    case 'start':
      random = seededRandom(ask.seed);
      exchange = await startExchange({ estate: ask.estate, ports: systemPorts() });
      return { kind: 'started', url: exchange.url };
    case 'seed': {
      const { mailbox } = mailboxOf(ask.mailbox);
      const { items } = seedMailbox(mailbox, { ...ask.content, random });
      return { kind: 'seeded', items: items.length };
    }
    case 'edit': {
      const { truth, mailbox } = mailboxOf(ask.mailbox);
      const record = editRandomly(truth, mailbox, random);
      return { kind: 'edited', edit: { kind: record.kind, family: record.family } };
    }
    case 'move':
      if (!running().moveMailbox(ask.mailbox, ask.version)) throw new Error(`no mailbox ${ask.mailbox}`);
      return { kind: 'moved' };
    case 'counters': {
      const { truth, control } = running();
      const { requests, invalidResponses } = control.counters();
      return { kind: 'counters', requests, invalidResponses, mailsSent: truth.sent.length };
    }
  }
}

function running(): RunningExchange {
  if (exchange === undefined) throw new Error('the simulated Exchange was not started');
  return exchange;
}

function mailboxOf(address: string): {
  truth: RunningExchange['truth'];
  mailbox: NonNullable<ReturnType<RunningExchange['truth']['mailbox']>>;
} {
  const { truth } = running();
  const mailbox = truth.mailbox(address);
  if (mailbox === undefined) throw new Error(`no mailbox ${address}`);
  return { truth, mailbox };
}
