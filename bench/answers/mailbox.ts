/** The whole mailbox rendered once: ids in listing order, and every answerable item as bytes. */
import type { CalendarEvent, Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import type { Markup } from '#xml/writer.ts';
import type { Content } from '../lib/content.ts';
import { type Draw, drawFrom } from '../lib/draw.ts';
import { contactWire } from './contact-wire.ts';
import { type ExceptionStamp, eventWire, exceptionWire } from './event-wire.ts';
import { taskWire } from './task-wire.ts';
import { changeKeyOf, folderIdOf, itemIdOf, occurrenceIdOf, successOf } from './wire.ts';

/** What the server adds to an item. */
export interface Stamp {
  readonly id: string;
  readonly changeKey: string;
  readonly linkKeyName: string;
  readonly linkKey: string;
}

export interface FolderAnswers {
  readonly folderId: string;
  /** `Id` and `ChangeKey` of every item, as an `t:ItemId` element. */
  readonly itemIds: readonly string[];
}

export interface MailboxAnswers {
  readonly folders: Readonly<Record<Kind, FolderAnswers>>;
  /** The whole response message of GetItem by item id, changed occurrences included. */
  readonly messages: ReadonlyMap<string, Buffer>;
}

/** Name of the link key property the answers carry. */
export const linkKeyName = 'LiaisonLinkKey';

const changeKeyTypes: Readonly<Record<Kind, number>> = { contact: 0x11, event: 0x0f, task: 0x13 };

export function mailboxAnswers(content: Content, seed = 11): MailboxAnswers {
  const draw = drawFrom(seed);
  const messages = new Map<string, Buffer>();
  const put = (id: string, item: Markup) =>
    messages.set(id, Buffer.from(successOf('GetItem', `<m:Items>${item.text}</m:Items>`)));
  const folders = {} as Record<Kind, FolderAnswers>;
  for (const kind of kinds) {
    const folderId = folderIdOf(draw);
    const itemIds: string[] = [];
    for (const item of content[kind]) {
      const stamp = stampOf(draw, kind);
      itemIds.push(`<t:ItemId Id="${stamp.id}" ChangeKey="${stamp.changeKey}"/>`);
      switch (item.kind) {
        case 'contact':
          put(stamp.id, contactWire(item, stamp));
          break;
        case 'task':
          put(stamp.id, taskWire(item, stamp));
          break;
        case 'event': {
          const exceptions = exceptionStamps(item, draw);
          put(stamp.id, eventWire(item, stamp, exceptions));
          for (const exception of exceptions) put(exception.id, exceptionWire(item, stamp, exception));
        }
      }
    }
    folders[kind] = { folderId, itemIds };
  }
  return { folders, messages };
}

function stampOf(draw: Draw, kind: Kind): Stamp {
  const changeKey = changeKeyOf(draw, changeKeyTypes[kind]);
  return { id: itemIdOf(draw), changeKey, linkKeyName, linkKey: draw.bytes(16).toString('hex') };
}

function exceptionStamps({ overrides }: CalendarEvent, draw: Draw): readonly ExceptionStamp[] {
  const changed = Object.entries(overrides ?? {}).filter(([, override]) => 'patch' in override);
  return changed.map(([originalStart]) => ({ originalStart, id: occurrenceIdOf(draw) }));
}
