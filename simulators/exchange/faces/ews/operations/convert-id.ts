/** ConvertId ([MS-OXWSCVTID]): ids between the forms of EWS, MAPI and Outlook on the web. */
import { child, type XmlElement } from '#xml/reader.ts';
import { folderEntryBytes, folderEntryId, itemEntryBytes, itemEntryId } from '../../../truth/entry-id.ts';
import type { Call } from '../call.ts';
import { folderKeyType, itemKeyType } from '../change-keys.ts';
import { EwsError, valueDetail } from '../ews-error.ts';
import { type EwsId, folderIdText, itemIdText, occurrenceIdText } from '../ids.ts';
import { forEachInput } from '../messages.ts';
import { idOf } from '../resolve.ts';
import { attributeText } from '../text.ts';

export function convertId(call: Call): string {
  const sources = child(call.request, 'SourceIds')?.children ?? [];
  const format = call.request.attributes.DestinationFormat ?? 'EwsId';
  return forEachInput('ConvertId', sources, '', (source) => {
    const address = source.attributes.Mailbox ?? call.mailbox.address;
    if (call.server.truth.mailbox(address) === undefined) {
      throw new EwsError('ErrorNonExistentMailbox', { details: valueDetail('SmtpAddress', address) });
    }
    const id = write(format, read(source, call), call);
    return `<m:AlternateId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="t:AlternateIdType" Format="${format}" Id="${attributeText(id)}" Mailbox="${attributeText(address)}"/>`;
  });
}

function read(source: XmlElement, call: Call): EwsId {
  const { Format, Id = '' } = source.attributes;
  switch (Format) {
    case 'EwsId':
    case 'EwsLegacyId':
      return idOf(Id);
    case 'OwaId':
      return idOf(decodeURIComponent(Id));
    case 'HexEntryId':
      return readEntry(/^(?:[0-9a-f]{2})+$/i.test(Id) ? Buffer.from(Id, 'hex') : Buffer.alloc(0), call);
    case 'EntryId':
      return readEntry(Buffer.from(Id, 'base64'), call);
    case 'StoreId': {
      const bytes = Buffer.from(Id, 'base64');
      return readEntry(bytes.subarray(1, 1 + (bytes[0] ?? 0)), call);
    }
    default:
      throw new EwsError('ErrorInvalidIdMalformed');
  }
}

function readEntry(bytes: Buffer, { mailbox }: Call): EwsId {
  const { guid } = mailbox;
  if (bytes.length === folderEntryBytes) return { kind: 'folder', guid, folder: bytes.readUIntBE(38, 6) };
  if (bytes.length !== itemEntryBytes) throw new EwsError('ErrorInvalidIdMalformed');
  return { kind: 'item', guid, folder: bytes.readUIntBE(38, 6), item: bytes.readUIntBE(62, 6) };
}

function write(format: string, id: EwsId, call: Call): string {
  const { mailbox } = call;
  const entry = id.kind === 'folder' ? folderEntryId(mailbox, id.folder) : itemEntryId(mailbox, id.folder, id.item);
  switch (format) {
    case 'HexEntryId':
      return entry.toString('hex').toUpperCase();
    case 'EntryId':
      return entry.toString('base64');
    case 'StoreId':
      return Buffer.concat([Buffer.of(entry.length), entry, Buffer.of(storeType(id, call))]).toString('base64');
    case 'OwaId':
      return encodeURIComponent(ewsId(id, call));
    default:
      return ewsId(id, call);
  }
}

function ewsId(id: EwsId, { mailbox }: Call): string {
  switch (id.kind) {
    case 'folder':
      return folderIdText(mailbox, id.folder);
    case 'item':
      return itemIdText(mailbox, id.folder, id.item);
    case 'occurrence':
      return occurrenceIdText(mailbox, id.folder, id.item, id.day);
  }
}

/** Store ids end with the kind of the object, numbered as in change keys; 0 for what is not there. */
function storeType(id: EwsId, { mailbox }: Call): number {
  const folder = mailbox.folders.get(id.folder);
  if (id.kind === 'folder') return folder === undefined ? 0 : folderKeyType(folder);
  const item = mailbox.item(id.folder, id.item);
  return item === undefined ? 0 : itemKeyType(item);
}
