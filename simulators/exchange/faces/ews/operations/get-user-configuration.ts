/** GetUserConfiguration ([MS-OXWSUSRCFG]): the settings of a mailbox that clients look up: time zone and categories. */
import { child } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { errorMessage, responseMessages, successMessage } from '../messages.ts';
import { resolveFolderIn } from '../resolve.ts';
import { attributeText, escapeText } from '../text.ts';

export function getUserConfiguration(call: Call): string {
  const name = child(call.request, 'UserConfigurationName');
  const wanted = name?.attributes.Name ?? '';
  if (name !== undefined) resolveFolderIn(name, call, 'ErrorFolderNotFound');
  const content = contentOf(wanted, call);
  if (content === undefined) {
    return responseMessages([errorMessage('GetUserConfiguration', new EwsError('ErrorItemNotFound'), '')]);
  }
  const reference = folderReference(call);
  const configuration = `<m:UserConfiguration><t:UserConfigurationName Name="${attributeText(wanted)}">${reference}</t:UserConfigurationName>${content}</m:UserConfiguration>`;
  return responseMessages([successMessage('GetUserConfiguration', configuration)]);
}

function folderReference(call: Call): string {
  const folder = child(call.request, 'UserConfigurationName')?.children[0];
  const id = attributeText(folder?.attributes.Id ?? 'calendar');
  return folder?.name === 'FolderId' ? `<t:FolderId Id="${id}"/>` : `<t:DistinguishedFolderId Id="${id}"/>`;
}

function contentOf(name: string, call: Call): string | undefined {
  switch (name) {
    case 'OWA.UserOptions':
      return dictionary([['timezone', call.mailbox.description.zone.id]]);
    case 'CategoryList':
      return `<t:XmlData>${Buffer.from(categoryList).toString('base64')}</t:XmlData>`;
    case 'WorkHours':
      return dictionary([['workingHoursTimeZone', call.mailbox.description.zone.id]]);
    default:
      return undefined;
  }
}

function dictionary(entries: readonly (readonly [string, string])[]): string {
  const list = entries.map(([key, value]) => {
    const entry = (text: string) => `<t:Type>String</t:Type><t:Value>${escapeText(text)}</t:Value>`;
    return `<t:DictionaryEntry><t:DictionaryKey>${entry(key)}</t:DictionaryKey><t:DictionaryValue>${entry(value)}</t:DictionaryValue></t:DictionaryEntry>`;
  });
  return `<t:Dictionary>${list.join('')}</t:Dictionary>`;
}

const categoryList =
  '<?xml version="1.0"?><categories default="Red Category" lastSavedSession="5" xmlns="CategoryList.xsd">' +
  '<category name="Red Category" color="0" keyboardShortcut="0" guid="{6c3c0b5b-8a0b-4f3e-9f5e-1d9f5f5b0a01}"/>' +
  '<category name="Blue Category" color="7" keyboardShortcut="0" guid="{6c3c0b5b-8a0b-4f3e-9f5e-1d9f5f5b0a02}"/>' +
  '</categories>';
