/**
 * The connector for Exchange Web Services (Exchange 2010 to SE): the contract in terms of operations, mapping and transport.
 * One connector serves one mailbox for one visit. It keeps no state that matters: everything to be remembered is in the
 * cursors and versions it hands out.
 */
import type { Capabilities, Connector } from '#contract/connector.ts';
import { kinds } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import { Connections } from '../transport/connections.ts';
import { changesAfter } from './changes.ts';
import { checkDrafts } from './check-drafts.ts';
import { createItems } from './create.ts';
import { findItems } from './find.ts';
import { Mailbox, type Mappings } from './mailbox.ts';
import { mappings } from './mapping/mappings.ts';
import { type EwsOptions, type EwsSettings, settingsOf } from './options.ts';
import { probeMailbox } from './probe.ts';
import { readItems } from './read.ts';
import { removeItems } from './remove.ts';
import { EwsSession } from './transport/session.ts';
import { updateItems } from './update.ts';

/**
 * Opens one mailbox. Nothing is sent before the first call. `connections` is shared by all connectors of a process, so that
 * a visit need not connect anew; left out, the connector opens its own and closes them with itself.
 */
export function openEwsConnector(options: EwsOptions, ports: Ports, connections?: Connections): Connector {
  const settings = settingsOf(options);
  const own = connections === undefined ? new Connections() : undefined;
  const session = new EwsSession(settings, ports, connections ?? (own as Connections));
  const mailbox = new Mailbox(settings, ports, session, preparedMappings(settings.linkKeyName));
  return {
    capabilities: capabilitiesOf(mailbox.mappings, settings),
    probe: () => probeMailbox(mailbox),
    changes: (kind, cursor) => changesAfter(mailbox, kind, cursor),
    read: (kind, ids) => readItems(mailbox, kind, ids),
    findByLinkKey: (kind, key) => findItems(mailbox, kind, key),
    create: (kind, creates) => createItems(mailbox, kind, creates),
    update: (kind, updates) => updateItems(mailbox, kind, updates),
    remove: (_kind, removes) => removeItems(mailbox, removes),
    check: (kind, drafts) => checkDrafts(mailbox, kind, drafts),
    async close() {
      await session.close();
      await own?.close();
    },
  };
}

let prepared: { readonly linkKeyName: string; readonly mappings: Mappings } | undefined;

/** Item shapes are the same for a whole installation, so the last ones are kept for the next connector. */
function preparedMappings(linkKeyName: string): Mappings {
  if (prepared?.linkKeyName !== linkKeyName) prepared = { linkKeyName, mappings: mappings(linkKeyName) };
  return prepared.mappings;
}

function capabilitiesOf(mapping: Mappings, settings: EwsSettings): Capabilities {
  return {
    kinds: Object.fromEntries(kinds.map((kind) => [kind, mapping[kind].capabilities])),
    conditionalWrites: true,
    writesReturnItem: false,
    batch: { read: settings.readBatch, write: settings.writeBatch },
    settleMs: settings.settleMs,
  };
}
