/**
 * The change feed: the replication manifest of a folder. The cursor holds the server's position (collblob) and the newest
 * change number seen; a server that lost the position and lists the folder anew without saying so is found out by an old
 * number, because deletions would be missing from what it lists.
 */
import type { Change, ChangePage, Cursor, Reply } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import { isOfClass } from '../mapi/item-class.ts';
import { type Folder, idProperty, permanentProperty } from './folder.ts';
import type { Mailbox } from './mailbox.ts';
import { itemClassProperty } from './mapping/base.ts';
import { eventProperties, instanceTypes } from './mapping/event-properties.ts';
import { collblobOf, isManifest, type ResourceStatus, readMultistatus } from './operations/multistatus.ts';
import { dav } from './operations/property.ts';
import { buildPropfind } from './operations/propfind.ts';
import { allOf, anyOf, buildManifest, isFlag, isNumber, type Query } from './operations/search.ts';
import type { Trouble } from './transport/classify.ts';
import { type ChangeNumber, changeNumberOf, entityTagProperty, resourceTagProperty, versionIn } from './version.ts';

interface Position {
  readonly collblob: string;
  readonly newest?: ChangeNumber | undefined;
}

/** Everything after `cursor`, in one page; null lists the folder. */
export async function changesAfter(mailbox: Mailbox, kind: Kind, cursor: Cursor | null): Promise<Reply<ChangePage>> {
  const position = cursor === null ? { collblob: '' } : positionOf(cursor);
  if (position === undefined) return { ok: false, fault: lost('The position is none of this connector’s.') };
  const folder = await mailbox.folder(kind);
  if (!folder.ok) return { ok: false, fault: folder.trouble.fault };
  const answer = await mailbox.session.call(buildManifest(queryOf(kind, folder.value), position.collblob));
  if (!answer.ok) return { ok: false, fault: refusal(answer.trouble, cursor) };
  const { multistatus } = answer.value;
  if (multistatus === undefined || !isManifest(multistatus)) {
    return { ok: false, fault: fault('server.garbled', 'The server answers without a replication position.') };
  }
  const rows = readMultistatus(multistatus);
  const read = rowsRead(mailbox, kind, folder.value, rows, position);
  if (!read.ok) return read;
  const collblob = collblobOf(multistatus);
  if (cursor === null && read.value.changes.length === 0) {
    const doubt = await doubtAboutEmptiness(mailbox, folder.value, rows.length);
    if (doubt !== undefined) return { ok: false, fault: doubt };
  }
  // Nothing new comes without a position: the old one stays good.
  if (collblob === undefined && rows.length > 0) {
    return { ok: false, fault: fault('server.garbled', 'The server lists changes without a new position.') };
  }
  const next = collblob === undefined ? position : { collblob, newest: read.value.newest };
  return { ok: true, value: { changes: read.value.changes, cursor: cursorOf(next), complete: true } };
}

/** The same for the life of a position, by the rule of the protocol: only the columns may change. */
function queryOf(kind: Kind, folder: Folder): Query {
  const { instanceType } = eventProperties;
  const visible = [isFlag(dav('isfolder', 'boolean'), false), isFlag(dav('ishidden', 'boolean'), false)];
  // A calendar searched without this answers single occurrences as well.
  const own = anyOf(isNumber(instanceType, instanceTypes.single), isNumber(instanceType, instanceTypes.master));
  return {
    folder: folder.path,
    select: [
      ...[idProperty, entityTagProperty, resourceTagProperty, permanentProperty, itemClassProperty],
      ...(kind === 'event' ? [instanceType] : []),
    ],
    where: allOf(...visible, ...(kind === 'event' ? [own] : [])),
  };
}

interface RowsRead {
  readonly changes: readonly Change[];
  readonly newest: ChangeNumber | undefined;
}

function rowsRead(
  mailbox: Mailbox,
  kind: Kind,
  folder: Folder,
  rows: readonly ResourceStatus[],
  { newest: before }: Position,
): Reply<RowsRead> {
  // A row may come twice; the later one is the newer.
  const changes = new Map<string, Change>();
  let newest = before;
  for (const { found, isDeleted } of rows) {
    const id = found.text(idProperty)?.trim();
    if (id === undefined) {
      const message = 'A row of the listing has no id.';
      return { ok: false, fault: isDeleted ? lost(message) : fault('server.garbled', message) };
    }
    changes.delete(id);
    if (isDeleted) {
      changes.set(id, { kind: 'gone', id });
      continue;
    }
    folder.learn(found);
    if (!isOwn(mailbox, kind, found)) {
      if (before !== undefined) changes.set(id, { kind: 'out', id, reason: 'converted' });
      continue;
    }
    const version = versionIn(found);
    if (version === undefined)
      return { ok: false, fault: fault('server.garbled', 'A row of the listing has no version.') };
    const number = changeNumberOf(version);
    if (isOld(number, before)) return { ok: false, fault: lost('The server began its list of changes anew.') };
    newest = newer(newest, number);
    changes.set(id, { kind: 'present', id, version });
  }
  return { ok: true, value: { changes: [...changes.values()], newest } };
}

/** Of the kind's class, and no occurrence of a series; a row that does not say is taken as such and looked at on reading. */
function isOwn(mailbox: Mailbox, kind: Kind, found: ResourceStatus['found']): boolean {
  const itemClass = found.text(itemClassProperty)?.trim();
  const instanceType = found.number(eventProperties.instanceType) ?? instanceTypes.single;
  if (kind === 'event' && instanceType !== instanceTypes.single && instanceType !== instanceTypes.master) return false;
  return itemClass === undefined || isOfClass(itemClass, mailbox.mapping(kind).itemClass);
}

function isOld(number: ChangeNumber | undefined, before: ChangeNumber | undefined): boolean {
  return number !== undefined && number.replica === before?.replica && number.counter <= before.counter;
}

/** Numbers of another replica (a restored or moved mailbox) begin a new count. */
function newer(one: ChangeNumber | undefined, two: ChangeNumber | undefined): ChangeNumber | undefined {
  if (two === undefined) return one;
  return one?.replica === two.replica && one.counter > two.counter ? one : two;
}

/** What a server says to a position it does not know is not documented; these are the ways it may. */
const positionRefusals: ReadonlySet<number | undefined> = new Set([400, 409, 412, 422]);

function refusal({ status, fault: reason }: Trouble, cursor: Cursor | null): Fault {
  return cursor !== null && positionRefusals.has(status) ? lost('The server no longer knows the position.') : reason;
}

function lost(message: string): Fault {
  return fault('mailbox.cursorInvalid', message);
}

/** An empty first listing is believed only of a folder that says it is empty. */
async function doubtAboutEmptiness(mailbox: Mailbox, folder: Folder, rows: number): Promise<Fault | undefined> {
  if (rows > 0) return undefined;
  const count = dav('visiblecount', 'int');
  const answer = await mailbox.session.call(buildPropfind(folder.path, 'folder', [count]));
  if (!answer.ok) return answer.trouble.fault;
  const [response] = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
  if ((response?.found.number(count) ?? 0) === 0) return undefined;
  return fault('server.garbled', 'The folder has items but its listing is empty.');
}

function cursorOf({ collblob, newest }: Position): Cursor {
  return Buffer.from(JSON.stringify({ v: 1, collblob, newest })).toString('base64url');
}

function positionOf(cursor: Cursor): Position | undefined {
  try {
    const read = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Partial<Position> & {
      readonly v?: unknown;
    };
    const { newest } = read;
    if (read.v !== 1 || typeof read.collblob !== 'string') return undefined;
    const isNumbered = typeof newest?.replica === 'string' && typeof newest.counter === 'number';
    return { collblob: read.collblob, ...(isNumbered && { newest }) };
  } catch {
    return undefined;
  }
}
