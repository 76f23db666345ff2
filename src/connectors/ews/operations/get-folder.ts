/** GetFolder (messages.xsd GetFolderType) of the three default folders: are they there, and how full. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { typesNamespace } from '../transport/soap.ts';
import { type FolderName, folderId } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

export interface FolderState {
  /** TotalCount; undefined when the server does not say. */
  readonly items: number | undefined;
}

export function buildGetFolder(folders: readonly FolderName[], owner: string | undefined): EwsRequest {
  return {
    operation: 'GetFolder',
    effect: 'read',
    body: xml`<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="folder:TotalCount"/></t:AdditionalProperties></m:FolderShape><m:FolderIds>${folders.map((folder) => folderId(folder, owner))}</m:FolderIds></m:GetFolder>`,
  };
}

export function readGetFolder(response: XmlElement, folders: number): readonly Entry<FolderState>[] {
  return entriesOf(response, folders, (message) => {
    const folder = child(message, 'Folders')?.children.find(({ ns }) => ns === typesNamespace);
    if (folder === undefined) return undefined;
    const count = childText(folder, 'TotalCount')?.trim();
    return { items: count !== undefined && /^\d+$/.test(count) ? Number(count) : undefined };
  });
}

/** The answer for a single folder. */
export function readOnlyFolder(response: XmlElement): Entry<FolderState> {
  return readGetFolder(response, 1)[0] as Entry<FolderState>;
}
