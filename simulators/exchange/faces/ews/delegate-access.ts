/**
 * Working in somebody else's mailbox: a request whose ids and folders are all in one mailbox that made the caller a delegate
 * is carried out there, within the rights the delegate has. One request never works in two mailboxes.
 */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { type Delegate, type Intent, permits } from '../../truth/delegates.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { message } from '../../truth/property-keys.ts';
import type { Truth } from '../../truth/truth.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';
import { readId } from './ids.ts';

/** The caller at work in another's mailbox. */
export interface DelegateAccess {
  readonly actor: Mailbox;
  readonly rights: Delegate;
  readonly owner: Mailbox;
}

/** Whose mailbox the whole request is about, when it is one whose owner made the caller a delegate. */
export function delegateAccess(request: XmlElement, actor: Mailbox, truth: Truth): DelegateAccess | undefined {
  if (!truth.delegations.isDelegate(actor.address)) return undefined;
  const named = new Set<Mailbox>();
  collect(request, actor, truth, named);
  const [owner] = named;
  if (owner === undefined || named.size > 1) return undefined;
  const rights = truth.delegations.find(owner.address, actor.address);
  return rights === undefined ? undefined : { actor, rights, owner };
}

function collect(element: XmlElement, actor: Mailbox, truth: Truth, named: Set<Mailbox>): void {
  if (element.name === 'DistinguishedFolderId') {
    const address = childText(child(element, 'Mailbox'), 'EmailAddress')?.trim();
    named.add((address === undefined ? undefined : truth.mailbox(address)) ?? actor);
    return;
  }
  const { Id, RecurringMasterId, OccurrenceId } = element.attributes;
  const text = element.name.endsWith('Id') ? (Id ?? RecurringMasterId ?? OccurrenceId) : undefined;
  const guid = text === undefined ? undefined : readId(text)?.guid;
  const mailbox = guid === undefined ? undefined : truth.mailboxByGuid(guid);
  if (mailbox !== undefined) named.add(mailbox);
  for (const one of element.children) collect(one, actor, truth, named);
}

/** What an operation does to the folders and items it names. */
const intents: Readonly<Record<string, Intent>> = {
  GetFolder: 'read',
  FindFolder: 'read',
  FindItem: 'read',
  GetItem: 'read',
  GetAttachment: 'read',
  SyncFolderItems: 'read',
  ConvertId: 'read',
  CreateItem: 'create',
  UpdateItem: 'edit',
  DeleteItem: 'edit',
  MoveItem: 'edit',
  CopyItem: 'edit',
  CreateAttachment: 'edit',
  DeleteAttachment: 'edit',
};

/** Refuses a delegate what the owner did not allow: ErrorAccessDenied. Operations not listed are the owner's alone. */
export function requirePermission(call: Call, folder: Folder): void {
  if (call.delegate === undefined) return;
  const intent = intents[call.operation];
  if (intent === undefined || !permits(call.delegate.rights, folder, intent)) throw new EwsError('ErrorAccessDenied');
}

/** Private items do not exist for a delegate who may not see them. */
export function isHidden(call: Call, item: Item): boolean {
  if (call.delegate === undefined || call.delegate.rights.viewsPrivate) return false;
  return item.properties.get(message.isPrivate) === true;
}
