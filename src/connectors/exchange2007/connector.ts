/**
 * The connector for Exchange 2007 (and 2003) over WebDAV: the contract in terms of operations, mapping and transport. One
 * connector serves one mailbox for one visit. It keeps no state that matters: everything to be remembered is in the cursors
 * and versions it hands out.
 */
import type { Capabilities, Connector } from '#contract/connector.ts';
import { kinds } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import { Connections } from '../transport/connections.ts';
import { changesAfter } from './changes.ts';
import { createItems } from './create.ts';
import { findItems } from './find.ts';
import { Mailbox } from './mailbox.ts';
import { mappings } from './mapping/mappings.ts';
import { type Exchange2007Options, type Exchange2007Settings, settingsOf } from './options.ts';
import { probeMailbox } from './probe.ts';
import { readItems } from './read.ts';
import { removeItems } from './remove.ts';
import { DavSession } from './transport/session.ts';
import { updateItems } from './update.ts';

/**
 * Opens one mailbox. Nothing is sent before the first call. `connections` is shared by all connectors of a process; left
 * out, the connector opens its own and closes them with itself.
 */
export function openExchange2007Connector(
  options: Exchange2007Options,
  ports: Ports,
  connections?: Connections,
): Connector {
  const settings = settingsOf(options);
  const own = connections === undefined ? new Connections() : undefined;
  const session = new DavSession(settings, ports, connections ?? (own as Connections));
  const mailbox = new Mailbox(settings, ports, session);
  return {
    capabilities: capabilitiesOf(settings),
    probe: () => probeMailbox(mailbox),
    changes: (kind, cursor) => changesAfter(mailbox, kind, cursor),
    read: (kind, ids) => readItems(mailbox, kind, ids),
    findByLinkKey: (kind, key) => findItems(mailbox, kind, key),
    create: (kind, creates) => createItems(mailbox, kind, creates),
    update: (kind, updates) => updateItems(mailbox, kind, updates),
    remove: (kind, removes) => removeItems(mailbox, kind, removes),
    async close() {
      await session.close();
      await own?.close();
    },
  };
}

function capabilitiesOf(settings: Exchange2007Settings): Capabilities {
  return {
    kinds: Object.fromEntries(kinds.map((kind) => [kind, mappings[kind].capabilities])),
    conditionalWrites: true,
    writesReturnItem: false,
    batch: { read: settings.readBatch, write: settings.writeBatch },
    settleMs: settings.settleMs,
  };
}
