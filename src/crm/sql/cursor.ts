/**
 * Positions in the change feed. Two phases: first the listing by ascending id, which remembers where the feed stood when
 * it began; then the feed itself by (transaction, sequence).
 *
 * The epoch names the database's own history: restored from a dump, rolled back to a backup or failed over, transaction
 * numbers start anew or repeat, and a position of before means nothing.
 */
import type { Cursor } from '#contract/connector.ts';

export type Position =
  | {
      readonly kind: 'listing';
      readonly epoch: string;
      /** Where the feed goes on after the listing: every transaction below this one was over. An xid8 as text. */
      readonly xid: string;
      readonly afterId: number;
    }
  | { readonly kind: 'feed'; readonly epoch: string; readonly xid: string; readonly seq: number };

export function encodeCursor(position: Position): Cursor {
  const at = position.kind === 'listing' ? position.afterId : position.seq;
  return `${position.kind}:${position.epoch}:${position.xid}:${at}`;
}

/** Undefined for anything that is not a cursor of this adapter. */
export function decodeCursor(cursor: Cursor): Position | undefined {
  const match = /^(listing|feed):(\d{1,20}-\d{1,10}-\d{1,15}):(\d{1,20}):(\d{1,15})$/.exec(cursor);
  if (match === null) return undefined;
  const [, kind, epoch, xid, at] = match as unknown as [string, Position['kind'], string, string, string];
  return kind === 'listing' ? { kind, epoch, xid, afterId: Number(at) } : { kind, epoch, xid, seq: Number(at) };
}
