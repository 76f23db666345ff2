/**
 * The audit: are both sides the same? Answered from what the two sides hold now and nothing else; the engine's own state is
 * not asked, so that it cannot vouch for itself.
 *
 * Both sides are listed and read to the end. Items belong together when both carry the same link key, else when they share
 * a match key. Of each item only a print and its keys are held; items that differ are read once more on both sides and compared
 * field by field, which also clears away what changed while the audit ran.
 */
import type { Capabilities, Connector, LinkKey, RemoteId } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import { printOf } from '#model/fingerprint.ts';
import { type Fields, groups, type Path, sharedFields } from '#model/groups.ts';
import { type Item, type Kind, kinds } from '#model/item.ts';
import { matchKeys } from '#model/match-keys.ts';
import { normalise } from '#model/normalise.ts';
import { withoutSelf } from '#model/own-copy.ts';
import { diffPaths, project, valueAt } from '#model/project.ts';
import { listAll } from './list-all.ts';
import { type Candidate, matchUp } from './match-up.ts';

export interface AuditOptions {
  /** Kinds to compare; all that both sides can hold by default. */
  readonly kinds?: readonly Kind[];
  /** The mailbox's address: in this user's own copies they are no attendee. */
  readonly self?: string;
  /** Put the two values beside each differing path. */
  readonly values?: boolean;
  /** Called after every batch that was read. */
  readonly progress?: (kind: Kind, side: 'crm' | 'mailbox', items: number) => void;
}

export type AuditReply =
  | { readonly ok: true; readonly value: AuditResult }
  | { readonly ok: false; readonly side: 'crm' | 'mailbox'; readonly kind: Kind; readonly fault: Fault };

export interface AuditResult {
  readonly kinds: readonly KindAudit[];
  /** No kind has anything different, missing or unreadable. */
  readonly inSync: boolean;
}

export interface KindAudit {
  readonly kind: Kind;
  /** Items on each side, unreadable ones included. */
  readonly crm: number;
  readonly mailbox: number;
  readonly equal: number;
  readonly different: readonly Difference[];
  readonly onlyInCrm: readonly RemoteId[];
  readonly onlyInMailbox: readonly RemoteId[];
  readonly unreadable: readonly Unreadable[];
}

export interface Difference {
  readonly crm: RemoteId;
  readonly mailbox: RemoteId;
  readonly linkKey: LinkKey | null;
  readonly paths: readonly Path[];
  /** By path, when asked for. */
  readonly values?: Readonly<Record<Path, { readonly crm: unknown; readonly mailbox: unknown }>>;
}

/** An item that a side has but does not show: it is neither equal nor missing. */
export interface Unreadable {
  readonly side: 'crm' | 'mailbox';
  readonly id: RemoteId;
  readonly fault: Fault;
}

/** Compares both sides of one pair. A side that cannot be listed or read ends the audit with its fault. */
export async function comparePair(crm: Connector, mailbox: Connector, options: AuditOptions = {}): Promise<AuditReply> {
  const results: KindAudit[] = [];
  for (const kind of options.kinds ?? kinds) {
    const form = commonForm(kind, crm.capabilities, mailbox.capabilities, options.self ?? '');
    if (form === undefined) continue;
    const reply = await compareKind(kind, { crm, mailbox }, form, options);
    if (!reply.ok) return reply;
    results.push(reply.value);
  }
  return { ok: true, value: { kinds: results, inSync: results.every(isInSync) } };
}

export function isInSync(audit: KindAudit): boolean {
  const { different, onlyInCrm, onlyInMailbox, unreadable } = audit;
  return different.length + onlyInCrm.length + onlyInMailbox.length + unreadable.length === 0;
}

/** Brings an item into the form in which the two sides are comparable. */
type Form = (item: Item) => Item;

/** Undefined when one side cannot hold the kind. Groups owned by the server are nobody's to keep the same. */
function commonForm(kind: Kind, crm: Capabilities, mailbox: Capabilities, self: string): Form | undefined {
  const ours = crm.kinds[kind];
  const theirs = mailbox.kinds[kind];
  if (ours === undefined || theirs === undefined) return undefined;
  const owned = new Set(groups[kind].filter(({ shape }) => shape === 'server').map(({ name }) => name));
  const both = Object.entries(sharedFields(ours.fields, theirs.fields)).filter(([name]) => !owned.has(name));
  const fields: Fields = Object.fromEntries(both);
  const zones = ours.zones === 'windows' || theirs.zones === 'windows' ? 'windows' : 'iana';
  return (item) => project(withoutSelf(normalise(item), self), fields, zones);
}

interface Sides {
  readonly crm: Connector;
  readonly mailbox: Connector;
}

type KindReply =
  | { readonly ok: true; readonly value: KindAudit }
  | { readonly ok: false; readonly side: 'crm' | 'mailbox'; readonly kind: Kind; readonly fault: Fault };

async function compareKind(kind: Kind, sides: Sides, form: Form, options: AuditOptions): Promise<KindReply> {
  const found: Record<'crm' | 'mailbox', Candidate[]> = { crm: [], mailbox: [] };
  const unreadable: Unreadable[] = [];
  for (const side of ['crm', 'mailbox'] as const) {
    const trouble = await listAll(sides[side], kind, (outcomes) => {
      for (const outcome of outcomes) {
        if (outcome.kind === 'failed') unreadable.push({ side, id: outcome.id, fault: outcome.fault });
        if (outcome.kind !== 'present') continue;
        const { id, linkKey, item } = outcome.snapshot;
        const shared = form(item);
        found[side].push({ id, linkKey: linkKey ?? null, print: printOf(shared), matchKeys: matchKeys(shared) });
      }
      options.progress?.(kind, side, outcomes.length);
    });
    if (trouble !== undefined) return { ok: false, side, kind, fault: trouble };
  }
  const { couples, onlyInCrm, onlyInMailbox } = matchUp(found.crm, found.mailbox);
  const unequal = couples.filter(([one, two]) => one.print !== two.print);
  const looked = await lookCloser(kind, sides, unequal, form, options.values === true);
  if (!looked.ok) return { ...looked, kind };
  const audit: KindAudit = {
    kind,
    crm: found.crm.length + unreadable.filter(({ side }) => side === 'crm').length,
    mailbox: found.mailbox.length + unreadable.filter(({ side }) => side === 'mailbox').length,
    equal: couples.length - unequal.length + looked.equal,
    different: looked.different,
    onlyInCrm: [...onlyInCrm.map(({ id }) => id), ...looked.onlyInCrm],
    onlyInMailbox: [...onlyInMailbox.map(({ id }) => id), ...looked.onlyInMailbox],
    unreadable,
  };
  return { ok: true, value: audit };
}

interface Looked {
  readonly ok: true;
  readonly equal: number;
  readonly different: readonly Difference[];
  readonly onlyInCrm: readonly RemoteId[];
  readonly onlyInMailbox: readonly RemoteId[];
}

type LookedReply = Looked | { readonly ok: false; readonly side: 'crm' | 'mailbox'; readonly fault: Fault };

const closerBatch = 50;

/** Reads unequal couples again on both sides; what still differs is told path by path. */
async function lookCloser(
  kind: Kind,
  sides: Sides,
  couples: readonly (readonly [Candidate, Candidate])[],
  form: Form,
  withValues: boolean,
): Promise<LookedReply> {
  let equal = 0;
  const different: Difference[] = [];
  const onlyInCrm: RemoteId[] = [];
  const onlyInMailbox: RemoteId[] = [];
  for (let start = 0; start < couples.length; start += closerBatch) {
    const batch = couples.slice(start, start + closerBatch);
    const ids = { crm: batch.map(([one]) => one.id), mailbox: batch.map(([, two]) => two.id) };
    const crm = await readItems(sides.crm, kind, ids.crm, form);
    if (!crm.ok) return { ok: false, side: 'crm', fault: crm.fault };
    const mailbox = await readItems(sides.mailbox, kind, ids.mailbox, form);
    if (!mailbox.ok) return { ok: false, side: 'mailbox', fault: mailbox.fault };
    for (const [one, two] of batch) {
      const ours = crm.items.get(one.id);
      const theirs = mailbox.items.get(two.id);
      if (ours !== undefined && theirs !== undefined) {
        const paths = diffPaths(ours, theirs);
        if (paths.length === 0) equal += 1;
        else different.push(difference(one, two, paths, withValues ? valuesAt(paths, ours, theirs) : undefined));
      } else if (ours !== undefined) onlyInCrm.push(one.id);
      else if (theirs !== undefined) onlyInMailbox.push(two.id);
    }
  }
  return { ok: true, equal, different, onlyInCrm, onlyInMailbox };
}

function difference(
  crm: Candidate,
  mailbox: Candidate,
  paths: readonly Path[],
  values: Difference['values'],
): Difference {
  const linkKey = crm.linkKey ?? mailbox.linkKey;
  return { crm: crm.id, mailbox: mailbox.id, linkKey, paths, ...(values !== undefined && { values }) };
}

type ItemsReply =
  | { readonly ok: true; readonly items: ReadonlyMap<RemoteId, Item> }
  | { readonly ok: false; readonly fault: Fault };

async function readItems(connector: Connector, kind: Kind, ids: readonly RemoteId[], form: Form): Promise<ItemsReply> {
  const items = new Map<RemoteId, Item>();
  const size = connector.capabilities.batch.read;
  for (let start = 0; start < ids.length; start += size) {
    const reply = await connector.read(kind, ids.slice(start, start + size));
    if (!reply.ok) return reply;
    for (const outcome of reply.value) {
      if (outcome.kind === 'present') items.set(outcome.snapshot.id, form(outcome.snapshot.item));
    }
  }
  return { ok: true, items };
}

function valuesAt(paths: readonly Path[], crm: Item, mailbox: Item): NonNullable<Difference['values']> {
  const value = (item: Item, path: Path): unknown => valueAt(item, path) ?? null;
  return Object.fromEntries(
    paths.map((path) => [path, { crm: value(crm, path), mailbox: value(mailbox, path) }] as const),
  );
}
