/** Searches: where they look, what they find, what they refer to (RFC 4511 4.5; reference on Exchange 2007, section 2.1). */
import type { Context, DirectoryTree } from './directory-tree.ts';
import { isWithinDn, normalDn, parentOf } from './dn.ts';
import type { Entry } from './entry.ts';
import { satisfies } from './filter.ts';
import type { SearchRequest } from './message.ts';

/** Which server is asked. */
export interface Viewpoint {
  readonly tree: DirectoryTree;
  /** DNS name of the controller's domain. */
  readonly domain: string;
  readonly isGlobalCatalog: boolean;
  /** Answers for another domain only by pointing back at the main one. */
  readonly refersBack: boolean;
  /** Where the controller of a domain answers, as `host:port`; undefined for one that nobody runs. */
  controllerOf(domain: string): string | undefined;
}

export type Found =
  | {
      readonly kind: 'entries';
      readonly entries: readonly Entry[];
      readonly references: readonly (readonly string[])[];
      readonly isCut: boolean;
    }
  | { readonly kind: 'referral'; readonly urls: readonly string[] }
  | { readonly kind: 'noSuchObject' }
  | { readonly kind: 'invalidName' };

/** Entries of a search. `isOver` says that its time is; `withoutReferences` leaves other domains out. */
export function search(
  view: Viewpoint,
  request: SearchRequest,
  isOver: () => boolean,
  withoutReferences: boolean,
): Found {
  const base = normalDn(request.base);
  if (base === undefined) return { kind: 'invalidName' };
  const own = ownContexts(view);
  if (view.refersBack) return backToMain(view, request.base);
  const contexts = own.filter((one) => isWithinDn(base, one.normal) || isWithinDn(one.normal, base));
  const holder = mostSpecific(view.tree.contexts, base);
  if ((holder === undefined || !own.includes(holder)) && !(view.isGlobalCatalog && base === '')) {
    return elsewhere(view, holder, request.base);
  }
  if (base !== '' && view.tree.find(base, contexts) === undefined) return { kind: 'noSuchObject' };
  const entries: Entry[] = [];
  for (const context of searched(contexts, base, view)) {
    for (const one of view.tree.entriesOf(context)) {
      if (isOver()) return { kind: 'entries', entries, references: [], isCut: true };
      if (isInScope(one.normal, base, request.scope) && satisfies(one, request.filter)) entries.push(one);
    }
  }
  const references =
    withoutReferences || view.isGlobalCatalog || request.scope === 0 ? [] : subordinates(view, base, request);
  return { kind: 'entries', entries, references, isCut: false };
}

/** What this server holds itself. */
function ownContexts({ tree, domain, isGlobalCatalog }: Viewpoint): readonly Context[] {
  const forest = tree.contexts.find((one) => one.kind === 'domain' && one.domain === domain)?.forest;
  return tree.contexts.filter(
    (one) => one.forest === forest && (one.kind !== 'domain' || isGlobalCatalog || one.domain === domain),
  );
}

/** A controller looks into one partition at a time, the one that holds the base; a catalog into all below it. */
function searched(contexts: readonly Context[], base: string, view: Viewpoint): readonly Context[] {
  if (view.isGlobalCatalog) return contexts;
  const holding = mostSpecific(contexts, base);
  return holding === undefined ? [] : [holding];
}

/** The context that holds a name. */
function mostSpecific(contexts: readonly Context[], normal: string): Context | undefined {
  const holding = contexts.filter((one) => isWithinDn(normal, one.normal));
  return holding.toSorted((left, right) => right.normal.length - left.normal.length)[0];
}

function isInScope(normal: string, base: string, scope: number): boolean {
  switch (scope) {
    case 0:
      return normal === base;
    case 1:
      return parentOf(normal) === base;
    default:
      return isWithinDn(normal, base);
  }
}

/** A controller that believes the main domain knows everything. */
function backToMain(view: Viewpoint, dn: string): Found {
  const main = view.tree.contexts[0];
  const controller = main === undefined ? undefined : view.controllerOf(main.domain);
  return controller === undefined
    ? { kind: 'noSuchObject' }
    : { kind: 'referral', urls: [`ldap://${controller}/${encodeURI(dn)}`] };
}

/** Another domain is referred to; what nobody knows does not exist. */
function elsewhere(view: Viewpoint, other: Context | undefined, dn: string): Found {
  const controller = other === undefined ? undefined : view.controllerOf(other.domain);
  if (controller === undefined) return { kind: 'noSuchObject' };
  return { kind: 'referral', urls: [`ldap://${controller}/${encodeURI(dn)}`] };
}

/** Partitions directly below the base that other servers hold, or that this one does not search along. */
function subordinates(view: Viewpoint, base: string, request: SearchRequest): readonly (readonly string[])[] {
  const holding = ownContexts(view).find((one) => one.kind === 'domain' && isWithinDn(base, one.normal));
  if (holding === undefined) return [];
  const scope = request.scope === 1 ? '?base' : '';
  return view.tree.contexts
    .filter((one) => one.kind !== 'schema' && one !== holding && one.forest === holding.forest)
    .filter(
      (one) =>
        one.normal !== base && isWithinDn(one.normal, base) && (request.scope === 2 || parentOf(one.normal) === base),
    )
    .flatMap((one) => {
      const controller = view.controllerOf(one.domain);
      return controller === undefined
        ? []
        : [[`ldap://${controller}/${encodeURI(one.dn)}${scope === '' ? '' : `?${scope}`}`]];
    });
}
