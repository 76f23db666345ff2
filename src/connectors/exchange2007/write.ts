/** What creating and updating have in common: one PROPPATCH per item, and what its answer means. */
import type { Mailbox } from './mailbox.ts';
import type { RefusedProperty } from './operations/multistatus.ts';
import { keyOf, type PropertyChange } from './operations/property.ts';
import { buildProppatch, readProppatch } from './operations/proppatch.ts';
import { classify, ofProperty, type Trouble } from './transport/classify.ts';
import type { DavResponse } from './transport/session.ts';

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
