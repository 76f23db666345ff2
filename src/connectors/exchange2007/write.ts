/** What creating and updating have in common: one PROPPATCH per item, and what its answer means. */
import type { RemoteId, WriteOutcome, Written } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import type { RefusedProperty } from './operations/multistatus.ts';
import { keyOf, type PropertyChange } from './operations/property.ts';
import { buildProppatch, readProppatch } from './operations/proppatch.ts';
import { unknown } from './outcome.ts';
import { type Outcome, readProperties } from './read.ts';
import { classify, ofProperty, type Trouble } from './transport/classify.ts';
import type { DavResponse } from './transport/session.ts';
import { versionIn } from './version.ts';

export type PatchResult =
  | { readonly kind: 'done'; readonly response: DavResponse }
  | { readonly kind: 'failed'; readonly trouble: Trouble; readonly refused?: RefusedProperty };

/** Sends the changes of one item. `version` undefined: there must be no item yet. */
export async function patch(
  mailbox: Mailbox,
  path: string,
  changes: readonly PropertyChange[],
  version: string | undefined,
): Promise<PatchResult> {
  const answer = await mailbox.session.call(buildProppatch(path, latest(changes), version));
  if (!answer.ok) return { kind: 'failed', trouble: answer.trouble };
  const { refused, nothing } = readProppatch(answer.value);
  const [first] = refused;
  if (first === undefined) {
    if (!nothing) return { kind: 'done', response: answer.value };
    return { kind: 'failed', trouble: classify({ kind: 'missing', operation: 'PROPPATCH' }, mailbox.now()) };
  }
  if (first.key === '') {
    return {
      kind: 'failed',
      trouble: classify({ kind: 'part', status: first.status, subject: 'item' }, mailbox.now()),
    };
  }
  // Of a patch that was no transaction the rest may have been taken.
  const certain = nothing || refused.length === latest(changes).length;
  return {
    kind: 'failed',
    trouble: { fault: ofProperty(first.status), certain, status: first.status },
    refused: first,
  };
}

/** One change per property: the last one, which knows most. */
function latest(changes: readonly PropertyChange[]): readonly PropertyChange[] {
  const byProperty = new Map<string, PropertyChange>();
  for (const change of changes) byProperty.set(keyOf(change.property), change);
  return [...byProperty.values()];
}

/** Whether changes are about a refused property. */
export function mentions(changes: readonly PropertyChange[], { key }: RefusedProperty): boolean {
  return changes.some(({ property }) => keyOf(property) === key);
}

/** The outcome of a write that happened, with its present version; one that cannot be read is unknown, never guessed. */
export async function written(
  mailbox: Mailbox,
  kind: Kind,
  id: RemoteId,
  version: string | undefined,
): Promise<WriteOutcome<Written>> {
  if (version !== undefined) return { kind: 'applied', value: { id, version } };
  const found = await readProperties(mailbox, kind, [id], []);
  if (!found.ok) return unknown(found.trouble.fault);
  const [outcome] = found.value as readonly [Outcome<Parameters<typeof versionIn>[0]>];
  if (outcome.kind === 'trouble') return unknown(outcome.trouble.fault);
  const present = versionIn(outcome.value);
  if (present !== undefined) return { kind: 'applied', value: { id, version: present } };
  return unknown(classify({ kind: 'missing', operation: 'PROPFIND' }, mailbox.now()).fault);
}
