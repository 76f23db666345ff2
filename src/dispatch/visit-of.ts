/** Whether a side is visited for the first time. Pure. */
import type { Visit } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import type { Feed, Side } from '#store/port.ts';

/** Ongoing as soon as every wanted kind was listed to its end once; a listing that starts over is an initial one again. */
export function visitOf(feeds: readonly Feed[], side: Side, wanted: readonly Kind[]): Visit {
  const isListed = (kind: Kind): boolean =>
    feeds.some((feed) => feed.side === side && feed.kind === kind && feed.listed);
  return wanted.every(isListed) ? 'ongoing' : 'initial';
}
