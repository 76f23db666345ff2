/** A fault as the commands tell it: where, what, and what to do. Pure. */
import type { Fault } from '#contract/fault.ts';
import { scopeOf } from '#contract/fault.ts';
import type { Config } from '#server/config-schema.ts';
import { remedyOf } from '#server/remedies.ts';
import type { Pair, Side } from '#store/port.ts';

/** `mailbox: No connection to the server. (server.unreachable, ECONNREFUSED; server main, mail.example.com:443) Check …` */
export function faultText(fault: Fault, side: Side, pair: Pair, { servers }: Config, kind?: string | null): string {
  const server = servers[pair.server];
  const named = side === 'mailbox' && server !== undefined && scopeOf(fault.code) === 'server';
  const where = named ? `; server ${pair.server}, ${new URL(server.url).host}` : '';
  const source = fault.source === undefined ? '' : `, ${fault.source}`;
  return `${side === 'crm' ? 'CRM' : 'mailbox'}${kind === undefined || kind === null ? '' : `, ${kind}`}: ${fault.message} (${fault.code}${source}${where}) ${remedyOf(fault)}`;
}
