/**
 * A mailbox connector that knows at which server it is.
 *
 * - Its cursors carry the server's name. One of another server is answered with `mailbox.cursorInvalid` before that server
 *   is asked: the engine then lists the mailbox anew in a new epoch, finds every item again by its key, and keeps all links.
 *   A cursor without a name, from before there were names, is handed on as it is.
 * - Signs that the mailbox is elsewhere are told to `doubted`, so that it is looked for before the next pass.
 */
import type { Connector, Cursor, Reply } from '#contract/connector.ts';
import { type FaultCode, fault } from '#contract/fault.ts';

/** What a server answers for a mailbox that has left it, or when it has itself been replaced (ews reference sections 5, 18). */
const movedSigns: ReadonlySet<FaultCode> = new Set([
  'mailbox.moved',
  'mailbox.notFound',
  'mailbox.unavailable',
  'server.unreachable',
  'server.notExchange',
  'server.version',
]);

export function locatedConnector(connector: Connector, server: string, doubted: () => Promise<void>): Connector {
  const check = connector.check?.bind(connector);
  const watched = async <T>(reply: Reply<T>): Promise<Reply<T>> => {
    if (!reply.ok && movedSigns.has(reply.fault.code)) await doubted();
    return reply;
  };
  return {
    capabilities: connector.capabilities,
    probe: async () => await watched(await connector.probe()),
    async changes(kind, cursor) {
      const own = ownCursor(cursor, server);
      if (own === undefined) {
        return { ok: false, fault: fault('mailbox.cursorInvalid', 'The mailbox is on another server now.') };
      }
      const reply = await watched(await connector.changes(kind, own.cursor));
      if (!reply.ok) return reply;
      return { ok: true, value: { ...reply.value, cursor: `@${server} ${reply.value.cursor}` } };
    },
    read: async (kind, ids) => await watched(await connector.read(kind, ids)),
    findByLinkKey: async (kind, key) => await watched(await connector.findByLinkKey(kind, key)),
    create: (kind, creates) => connector.create(kind, creates),
    update: (kind, updates) => connector.update(kind, updates),
    remove: (kind, removes) => connector.remove(kind, removes),
    ...(check !== undefined && { check }),
    close: () => connector.close(),
  };
}

/** The server's own cursor; undefined when it belongs to another server. */
function ownCursor(cursor: Cursor | null, server: string): { readonly cursor: Cursor | null } | undefined {
  const found = /^@([A-Za-z0-9._-]+) (.*)$/s.exec(cursor ?? '');
  if (found === null) return { cursor };
  return found[1] === server ? { cursor: found[2] ?? '' } : undefined;
}
