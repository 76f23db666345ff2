/** ConvertId ([MS-OXWSCVTID]): ids between the forms of EWS, MAPI and Outlook on the web. */
import { child, type XmlElement } from '#xml/reader.ts';
import { folderEntryBytes, folderEntryId, itemEntryBytes, itemEntryId } from '../../../truth/entry-id.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { folderIdText, itemIdText } from '../ids.ts';
import { forEachInput } from '../messages.ts';
import { idOf } from '../resolve.ts';
import { attributeText } from '../text.ts';

export function convertId(call: Call): string {
  const sources = child(call.request, 'SourceIds')?.children ?? [];
  const format = call.request.attributes.DestinationFormat ?? 'EwsId';
  return forEachInput('ConvertId', sources, '', (source) => {
    const { folder, item } = read(source);
    const id = write(format, folder, item, call);
    const mailbox = attributeText(source.attributes.Mailbox ?? call.mailbox.address);
    return `<m:AlternateId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="t:AlternateIdType" Format="${format}" Id="${attributeText(id)}" Mailbox="${mailbox}"/>`;
  });
}

interface Numbers {
  readonly folder: number;
  readonly item: number | undefined;
}

function read(source: XmlElement): Numbers {
  const { Format, Id = '' } = source.attributes;
  switch (Format) {
    case 'EwsId':
    case 'EwsLegacyId': {
      const id = idOf(Id);
      return { folder: id.folder, item: id.kind === 'folder' ? undefined : id.item };
    }
    case 'OwaId': {
      const id = idOf(decodeURIComponent(Id));
      return { folder: id.folder, item: id.kind === 'folder' ? undefined : id.item };
    }
    case 'HexEntryId':
      return readEntry(Buffer.from(Id, 'hex'));
    case 'EntryId':
    case 'StoreId':
      return readEntry(Buffer.from(Id, 'base64'));
    default:
      throw new EwsError('ErrorInvalidIdMalformed');
  }
}

function readEntry(bytes: Buffer): Numbers {
  if (bytes.length === folderEntryBytes) return { folder: bytes.readUIntBE(38, 6), item: undefined };
  if (bytes.length !== itemEntryBytes) throw new EwsError('ErrorInvalidIdMalformed');
  return { folder: bytes.readUIntBE(38, 6), item: bytes.readUIntBE(62, 6) };
}

function write(format: string, folder: number, item: number | undefined, call: Call): string {
  const { mailbox } = call;
  const entry = item === undefined ? folderEntryId(mailbox, folder) : itemEntryId(mailbox, folder, item);
  const ews = item === undefined ? folderIdText(mailbox, folder) : itemIdText(mailbox, folder, item);
  switch (format) {
    case 'HexEntryId':
      return entry.toString('hex').toUpperCase();
    case 'EntryId':
    case 'StoreId':
      return entry.toString('base64');
    case 'OwaId':
      return encodeURIComponent(ews);
    default:
      return ews;
  }
}
