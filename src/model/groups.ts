/**
 * How each field group of each kind behaves: one row per top-level key of an item. The engine detects, merges and reports
 * changes by these rows and knows nothing else about a kind.
 */
import type { Kind } from './item.ts';

/**
 * - unit: compared and replaced whole.
 * - record: one decision for the whole group, but its leaves are projected and patched one by one.
 * - map: merged key by key; each value is a unit.
 * - set: merged by additions and removals.
 * - text: compared after normalising; replaced whole.
 * - server: taken from the mailbox, never merged and never written.
 */
export type GroupShape = 'unit' | 'record' | 'map' | 'set' | 'text' | 'server';

/** Which side wins a first-sync difference by default: the CRM for identity, the mailbox for personal matters. */
export type GroupNature = 'identity' | 'personal';

export interface Group {
  readonly name: string;
  readonly shape: GroupShape;
  readonly nature: GroupNature;
}

const group = (name: string, shape: GroupShape, nature: GroupNature): Group => ({ name, shape, nature });

export const groups: Readonly<Record<Kind, readonly Group[]>> = {
  contact: [
    group('name', 'record', 'identity'),
    group('organization', 'record', 'identity'),
    group('emails', 'map', 'identity'),
    group('phones', 'map', 'identity'),
    group('addresses', 'map', 'identity'),
    group('mailingAddress', 'unit', 'personal'),
    group('ims', 'map', 'personal'),
    group('webPage', 'unit', 'identity'),
    group('birthday', 'unit', 'personal'),
    group('anniversary', 'unit', 'personal'),
    group('relations', 'record', 'personal'),
    group('categories', 'set', 'personal'),
    group('sensitivity', 'unit', 'personal'),
    group('body', 'text', 'personal'),
  ],
  event: [
    group('title', 'unit', 'identity'),
    group('location', 'unit', 'identity'),
    group('when', 'unit', 'identity'),
    group('recurrence', 'unit', 'identity'),
    group('overrides', 'map', 'identity'),
    group('showAs', 'unit', 'personal'),
    group('reminder', 'unit', 'personal'),
    group('importance', 'unit', 'identity'),
    group('sensitivity', 'unit', 'personal'),
    group('categories', 'set', 'personal'),
    group('attendees', 'map', 'identity'),
    group('responses', 'server', 'personal'),
    group('meeting', 'server', 'personal'),
    group('body', 'text', 'identity'),
  ],
  task: [
    group('title', 'unit', 'identity'),
    group('dates', 'record', 'identity'),
    group('progress', 'unit', 'identity'),
    group('recurrence', 'unit', 'identity'),
    group('reminder', 'unit', 'personal'),
    group('importance', 'unit', 'identity'),
    group('sensitivity', 'unit', 'personal'),
    group('categories', 'set', 'personal'),
    group('body', 'text', 'identity'),
  ],
};

/**
 * Names one change: a group (`title`), a leaf of a record (`name.given`) or a key of a map (`emails.1`,
 * `overrides.2026-03-05T09:00:00`).
 */
export type Path = string;

/** The group a path belongs to. */
export function groupOf(path: Path): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

/** The leaf or key after the group, undefined for a whole group. */
export function leafOf(path: Path): string | undefined {
  const dot = path.indexOf('.');
  return dot < 0 ? undefined : path.slice(dot + 1);
}

/**
 * What a side can hold of one kind: `true` for a whole group, or the leaves of a record / keys of a map. A group that is
 * not named cannot be held: it is never compared, never taken as cleared and never written.
 */
export type Fields = Readonly<Record<string, true | readonly string[]>>;

/** What both sides can hold: the fields that are kept the same. */
export function sharedFields(one: Fields, two: Fields): Fields {
  const shared: Record<string, true | readonly string[]> = {};
  for (const [name, ours] of Object.entries(one)) {
    const theirs = two[name];
    if (theirs === undefined) continue;
    if (ours === true) shared[name] = theirs;
    else if (theirs === true) shared[name] = ours;
    else shared[name] = ours.filter((leaf) => theirs.includes(leaf));
  }
  return shared;
}
