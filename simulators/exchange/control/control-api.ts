/** The control interface over HTTP: what a test in another process, or a person with curl, can see and do. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { profileId } from '../estate.ts';
import type { ProfileId } from '../faces/ews/profiles.ts';
import { editRandomly } from '../people/edit-randomly.ts';
import type { Population } from '../people/population.ts';
import { seededRandom } from '../people/seeded-random.ts';
import type { Truth } from '../truth/truth.ts';
import { randomFaults } from './chaos.ts';
import type { Control } from './control.ts';
import { type FaultKind, faultKinds } from './faults.ts';

const faultSchema = z.strictObject({
  kind: z.enum(faultKinds as [FaultKind, ...FaultKind[]]),
  operation: z.string().optional(),
  mailbox: z.string().optional(),
  /** `null` stands for "until calmed". */
  times: z
    .number()
    .int()
    .positive()
    .nullable()
    .optional()
    .transform((times) => (times === null ? Number.POSITIVE_INFINITY : times)),
  after: z.number().int().min(0).optional(),
  chance: z.number().min(0).max(1).optional(),
  form: z
    .enum([
      'fault',
      'message',
      'http503',
      'redirect',
      'html500',
      'casHeader',
      'close',
      'unauthorized',
      'connectionCount',
    ])
    .optional(),
  backOffMs: z.number().int().min(0).optional(),
  status: z.number().int().optional(),
  delayMs: z.number().int().min(0).optional(),
  offsetMs: z.number().int().optional(),
  driftMs: z.number().int().optional(),
  item: z.number().int().min(0).optional(),
  code: z.string().optional(),
});

const chaosSchema = z.strictObject({
  seed: z.number().int(),
  breadth: z.number().min(0).max(1).default(0.3),
  strength: z.number().min(0).max(1).default(0.1),
});

const editsSchema = z.strictObject({
  mailbox: z.string(),
  count: z.number().int().min(1).max(100_000).default(1),
  seed: z.number().int().default(1),
});

const lifeSchema = z.strictObject({
  editsPerMinute: z.number().positive().max(1_000_000),
  people: z.number().int().positive().optional(),
  seed: z.number().int().optional(),
});

const moveSchema = z.strictObject({ mailbox: z.string(), version: profileId });

/** What the control interface shows and moves. */
export interface Controlled {
  readonly control: Control;
  readonly truth: Truth;
  readonly people: Population;
  /** False when there is no such mailbox. */
  moveMailbox(address: string, version: ProfileId): boolean;
}

/** Bodies larger than this many bytes are refused. */
const bodyBytesMax = 1_000_000;

/** Answers a request below /control. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  controlled: Controlled,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const text = await readText(request);
  if (text === undefined) return reply(response, 413, { error: 'body too large' });
  try {
    const answer = await act(`${request.method} ${path}`, text, controlled);
    if (answer === undefined) return reply(response, 404, { error: `nothing at ${path}` });
    return reply(response, 200, answer);
  } catch (error) {
    if (!(error instanceof z.ZodError) && !(error instanceof SyntaxError)) throw error;
    return reply(response, 400, { error: error.message });
  }
}

async function act(route: string, text: string, controlled: Controlled): Promise<unknown> {
  const { control, truth, people } = controlled;
  switch (route) {
    case 'GET /control/counters':
      return control.counters();
    case 'GET /control/log':
      return control.log();
    case 'GET /control/sent':
      return truth.sent;
    case 'GET /control/mailboxes':
      return summary(truth);
    case 'GET /control/faults':
      return control.armedFaults;
    case 'POST /control/faults': {
      const fault = faultSchema.parse(JSON.parse(text));
      control.inject(fault);
      return { injected: fault.kind };
    }
    case 'DELETE /control/faults':
      control.calm();
      return { calm: true };
    case 'POST /control/chaos': {
      const { seed, breadth, strength } = chaosSchema.parse(JSON.parse(text));
      const faults = randomFaults(seededRandom(seed), { breadth, strength });
      for (const fault of faults) control.inject(fault);
      return { injected: faults.map((one) => one.kind) };
    }
    case 'POST /control/edits':
      return edit(editsSchema.parse(JSON.parse(text)), truth);
    case 'POST /control/moves': {
      const { mailbox, version } = moveSchema.parse(JSON.parse(text));
      return controlled.moveMailbox(mailbox, version) ? { moved: mailbox, version } : undefined;
    }
    case 'GET /control/people':
      return people.status();
    case 'POST /control/people':
      await people.start(lifeSchema.parse(JSON.parse(text)));
      return people.status();
    case 'DELETE /control/people':
      await people.rest();
      return people.status();
    default:
      return undefined;
  }
}

function summary(truth: Truth): unknown {
  return [...truth.opened()].map((mailbox) => ({
    address: mailbox.address,
    guid: mailbox.guid,
    contacts: mailbox.wellKnown('contacts').items.size,
    calendar: mailbox.wellKnown('calendar').items.size,
    tasks: mailbox.wellKnown('tasks').items.size,
    inbox: mailbox.wellKnown('inbox').items.size,
    deleted: mailbox.wellKnown('deleteditems').items.size,
    sent: mailbox.sentCount,
    change: mailbox.change,
  }));
}

function edit(wanted: z.output<typeof editsSchema>, truth: Truth): unknown {
  const mailbox = truth.mailbox(wanted.mailbox);
  if (mailbox === undefined) return undefined;
  const random = seededRandom(wanted.seed);
  return Array.from({ length: wanted.count }, (_, n) => editRandomly(truth, mailbox, random, `${wanted.seed}-${n}`));
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > bodyBytesMax) return undefined;
  }
  return text;
}
