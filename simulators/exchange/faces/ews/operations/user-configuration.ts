/**
 * GetUserConfiguration, CreateUserConfiguration, UpdateUserConfiguration, DeleteUserConfiguration ([MS-OXWSUSRCFG] 3.1.4):
 * named settings of a folder, kept as its associated messages of class IPM.Configuration ([MS-OXOCFG] 2.2). What clients
 * look up without anybody having stored it (time zone, categories, working hours) is there by itself.
 */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { Draft } from '../../../truth/draft.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { Item } from '../../../truth/item.ts';
import { configuration as keys, message } from '../../../truth/property-keys.ts';
import { type Call, writerOf } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { errorMessage, responseMessages, successMessage } from '../messages.ts';
import { itemIdMarkup } from '../references.ts';
import { resolveFolderIn } from '../resolve.ts';
import { attributeText, escapeText } from '../text.ts';

/** Settings larger than this many bytes are refused. */
const contentBytesMax = 1_000_000;

export function getUserConfiguration(call: Call): string {
  return answered(call, () => {
    const { name, folder, reference } = named(child(call.request, 'UserConfigurationName'), call);
    const item = find(folder, name);
    const asked = (childText(call.request, 'UserConfigurationProperties') ?? 'All').split(/\s+/);
    const content = item === undefined ? builtIn(name, call) : contentOf(item, asked, call);
    if (content === undefined) throw new EwsError('ErrorItemNotFound');
    return `<m:UserConfiguration><t:UserConfigurationName Name="${attributeText(name)}">${reference}</t:UserConfigurationName>${content}</m:UserConfiguration>`;
  });
}

export function createUserConfiguration(call: Call): string {
  return answered(call, () => {
    const wanted = child(call.request, 'UserConfiguration');
    const { name, folder } = named(child(wanted, 'UserConfigurationName'), call);
    if (find(folder, name) !== undefined) throw new EwsError('ErrorItemSave');
    const draft = new Draft();
    draft.set(message.itemClass, classOf(name));
    draft.set(message.subject, classOf(name));
    take(draft, wanted);
    call.mailbox.create(folder, draft, writerOf(call), true);
    return '';
  });
}

export function updateUserConfiguration(call: Call): string {
  return answered(call, () => {
    const wanted = child(call.request, 'UserConfiguration');
    const { name, folder } = named(child(wanted, 'UserConfigurationName'), call);
    const item = find(folder, name);
    if (item === undefined) throw new EwsError('ErrorItemNotFound');
    const draft = new Draft({ item, occurrence: undefined });
    take(draft, wanted);
    call.mailbox.update(draft, writerOf(call));
    return '';
  });
}

export function deleteUserConfiguration(call: Call): string {
  return answered(call, () => {
    const { name, folder } = named(child(call.request, 'UserConfigurationName'), call);
    const item = find(folder, name);
    if (item === undefined) throw new EwsError('ErrorItemNotFound');
    call.mailbox.remove(item, 'hard');
    return '';
  });
}

function answered(call: Call, work: () => string): string {
  try {
    return responseMessages([successMessage(call.operation, work())]);
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    return responseMessages([errorMessage(call.operation, error, '')]);
  }
}

function named(element: XmlElement | undefined, call: Call) {
  const folder = resolveFolderIn(element, call, 'ErrorFolderNotFound');
  const place = element?.children[0];
  const id = attributeText(place?.attributes.Id ?? '');
  const reference = place?.name === 'FolderId' ? `<t:FolderId Id="${id}"/>` : `<t:DistinguishedFolderId Id="${id}"/>`;
  return { name: element?.attributes.Name ?? '', folder, reference };
}

function classOf(name: string): string {
  return `IPM.Configuration.${name}`;
}

function find(folder: Folder, name: string): Item | undefined {
  const wanted = classOf(name).toLowerCase();
  for (const item of folder.associated.values()) {
    if (item.properties.get(message.itemClass)?.toLowerCase() === wanted) return item;
  }
  return undefined;
}

/** Takes the parts that a t:UserConfiguration has; those it leaves out stay. */
function take(draft: Draft, wanted: XmlElement | undefined): void {
  const dictionary = child(wanted, 'Dictionary');
  if (dictionary !== undefined) draft.set(keys.dictionary, Buffer.from(dictionary.children.map(entryText).join('')));
  for (const [name, key] of [['XmlData', keys.xml] as const, ['BinaryData', keys.binary] as const]) {
    const text = childText(wanted, name);
    if (text !== undefined) draft.set(key, new Uint8Array(Buffer.from(text, 'base64')));
  }
  for (const key of [keys.dictionary, keys.xml, keys.binary]) {
    if ((draft.get(key)?.length ?? 0) > contentBytesMax) throw new EwsError('ErrorItemSave');
  }
}

function contentOf(item: Item, asked: readonly string[], call: Call): string {
  const wants = (name: string) => asked.includes('All') || asked.includes(name);
  const { properties } = item;
  let markup = wants('Id') ? itemIdMarkup(call.mailbox, { item, occurrence: undefined }) : '';
  const entries = properties.get(keys.dictionary);
  if (wants('Dictionary') && entries !== undefined) {
    markup += `<t:Dictionary>${Buffer.from(entries).toString('utf8')}</t:Dictionary>`;
  }
  for (const [name, key] of [['XmlData', keys.xml] as const, ['BinaryData', keys.binary] as const]) {
    const bytes = properties.get(key);
    if (wants(name) && bytes !== undefined) markup += `<t:${name}>${Buffer.from(bytes).toString('base64')}</t:${name}>`;
  }
  return markup;
}

function builtIn(name: string, call: Call): string | undefined {
  const zone = call.mailbox.description.zone.id;
  switch (name) {
    case 'OWA.UserOptions':
      return dictionaryOf('timezone', zone);
    case 'CategoryList':
      return `<t:XmlData>${Buffer.from(categoryList).toString('base64')}</t:XmlData>`;
    case 'WorkHours':
      return dictionaryOf('workingHoursTimeZone', zone);
    default:
      return undefined;
  }
}

function dictionaryOf(key: string, value: string): string {
  const half = (text: string) => `<t:Type>String</t:Type><t:Value>${escapeText(text)}</t:Value>`;
  return `<t:Dictionary><t:DictionaryEntry><t:DictionaryKey>${half(key)}</t:DictionaryKey><t:DictionaryValue>${half(value)}</t:DictionaryValue></t:DictionaryEntry></t:Dictionary>`;
}

/** A t:DictionaryEntry as it will be given back; the request was validated, so nothing else can be in it. */
function entryText(entry: XmlElement): string {
  return `<t:DictionaryEntry>${entry.children.map(halfText).join('')}</t:DictionaryEntry>`;
}

function halfText(half: XmlElement): string {
  if (half.children.length === 0) {
    return `<t:${half.name} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`;
  }
  return `<t:${half.name}>${half.children.map((one) => `<t:${one.name}>${escapeText(one.text)}</t:${one.name}>`).join('')}</t:${half.name}>`;
}

const categoryList =
  '<?xml version="1.0"?><categories default="Red Category" lastSavedSession="5" xmlns="CategoryList.xsd">' +
  '<category name="Red Category" color="0" keyboardShortcut="0" guid="{6c3c0b5b-8a0b-4f3e-9f5e-1d9f5f5b0a01}"/>' +
  '<category name="Blue Category" color="7" keyboardShortcut="0" guid="{6c3c0b5b-8a0b-4f3e-9f5e-1d9f5f5b0a02}"/>' +
  '</categories>';
