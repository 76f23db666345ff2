/** Signing in, as the engine would: one mailbox of the server is opened. */
import type { Fault } from '#contract/fault.ts';
import type { Pair, PairStatus } from '#store/port.ts';
import { autoServer, type ServerConfig } from '../config-schema.ts';
import type { Liaison } from '../liaison.ts';
import { remedyOf } from '../remedies.ts';
import { type Check, fail, ok, warn } from './check.ts';

const clockOffsetMsMost = 5_000;
const pairsLooked = 500;
/** Users without a server of their own that are looked for in the directories. */
const pairsLocated = 20;

/** Opens the first mailbox of the user map that is on this server. */
export async function checkMailbox(name: string, server: ServerConfig, liaison: Liaison): Promise<readonly Check[]> {
  const pair = await firstPairOf(name, liaison);
  if (pair === undefined) {
    const message = 'nobody in the user map is on this server, so signing in was not tried';
    return [warn('sign-in', message, 'Add a user: liaison users add LOGIN MAILBOX --server NAME.')];
  }
  const reply = await liaison.open(pair, 'mailbox', 'ongoing');
  if (!reply.ok) return [fail('sign-in', reply.fault.message, signInRemedy(reply.fault, server))];
  try {
    const probe = await reply.value.probe();
    if (!probe.ok) return [fail('sign-in', probe.fault.message, signInRemedy(probe.fault, server))];
    const { product, zone, clockOffsetMs } = probe.value;
    const role = server.impersonate ? ', acting as its owner' : '';
    const checks = [ok('sign-in', `${server.signIn.user} opened ${pair.mailbox}${role}`), ok('version', product)];
    checks.push(ok('time zone', zone ?? 'not told by the server'));
    if (clockOffsetMs !== undefined) checks.push(checkClock(clockOffsetMs));
    return checks;
  } finally {
    await reply.value.close();
  }
}

function checkClock(offsetMs: number): Check {
  const text = `${(Math.abs(offsetMs) / 1_000).toFixed(1)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(offsetMs) <= clockOffsetMsMost) return ok('clock', text);
  return warn('clock', text, 'Let both machines keep time by NTP: signing in fails when clocks differ by minutes.');
}

async function firstPairOf(server: string, liaison: Liaison): Promise<Pair | undefined> {
  let after: string | null = null;
  const open: Pair[] = [];
  for (;;) {
    const page: readonly PairStatus[] = await liaison.store.pairs(after, pairsLooked);
    const enabled = page.map(({ pair }) => pair).filter((pair) => pair.enabled);
    const found = enabled.find((pair) => pair.server === server);
    const last = page.at(-1);
    if (found !== undefined) return found;
    open.push(...enabled.filter((pair) => pair.server === autoServer).slice(0, pairsLocated - open.length));
    if (last === undefined) return await firstLocated(open, server, liaison);
    after = last.pair.mailbox;
  }
}

/** Of those whose server the directories tell. */
async function firstLocated(pairs: readonly Pair[], server: string, { locator }: Liaison): Promise<Pair | undefined> {
  for (const pair of pairs) {
    const located = await locator.serverOf(pair, false);
    if (located.ok && located.value === server) return pair;
  }
  return undefined;
}

/** What the configuration of this server makes more precise than the table. */
function signInRemedy(fault: Fault, server: ServerConfig): string {
  switch (fault.code) {
    case 'authentication.rejected':
      return `Check signIn.user and its password, and that ${server.signIn.kind} is allowed for this account.`;
    case 'authentication.impersonation':
      return 'Give the account the role ApplicationImpersonation for these mailboxes, or set impersonate: false.';
    case 'mailbox.denied':
      return server.impersonate
        ? 'Give the account the role ApplicationImpersonation, with a scope that holds this mailbox.'
        : 'Give the account full access to the mailbox, or set impersonate: true with the role for it.';
    default:
      return remedyOf(fault);
  }
}
