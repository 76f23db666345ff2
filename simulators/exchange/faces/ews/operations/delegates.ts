/** AddDelegate, GetDelegate, UpdateDelegate, RemoveDelegate ([MS-OXWSDLGM] 3.1.4). */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { sidOf } from '../../../sign-in/directory.ts';
import {
  type Delegate,
  type DelegateFolder,
  type DelegateLevel,
  delegateFolders,
  type MeetingDelivery,
} from '../../../truth/delegates.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import type { Call } from '../call.ts';
import { EwsError, EwsFault } from '../ews-error.ts';
import { errorContent } from '../messages.ts';
import { element, readBoolean } from '../text.ts';

const success = '<m:ResponseCode>NoError</m:ResponseCode>';

export function getDelegate(call: Call): string {
  const owner = ownMailbox(call);
  const withPermissions = readBoolean(call.request.attributes.IncludePermissions ?? 'false');
  const asked = child(call.request, 'UserIds')?.children;
  const { delegations } = call.server.truth;
  const messages =
    asked === undefined
      ? delegations.of(owner.address).map((one) => delegateMessage(one, call, withPermissions))
      : asked.map((user) => each(() => delegateMessage(existing(user, owner, call), call, withPermissions)));
  const delivery = delegations.deliveryOf(owner.address);
  return `${success}${list(messages)}<m:DeliverMeetingRequests>${delivery}</m:DeliverMeetingRequests>`;
}

export function addDelegate(call: Call): string {
  const owner = ownMailbox(call);
  const messages = users(call).map((user) =>
    each(() => {
      const mailbox = userOf(child(user, 'UserId'), call);
      if (mailbox === owner) throw new EwsError('ErrorDelegateCannotAddOwner');
      const { delegations } = call.server.truth;
      if (delegations.find(owner.address, mailbox.address) !== undefined) {
        throw new EwsError('ErrorDelegateAlreadyExists');
      }
      const made = merged({ ...nothing, address: mailbox.address }, user);
      delegations.put(owner.address, made);
      return delegateMessage(made, call, true);
    }),
  );
  takeDelivery(call, owner);
  return success + list(messages);
}

export function updateDelegate(call: Call): string {
  const owner = ownMailbox(call);
  const messages = users(call).map((user) =>
    each(() => {
      const changed = merged(existing(child(user, 'UserId'), owner, call), user);
      call.server.truth.delegations.put(owner.address, changed);
      return delegateMessage(changed, call, true);
    }),
  );
  takeDelivery(call, owner);
  return success + list(messages);
}

export function removeDelegate(call: Call): string {
  const owner = ownMailbox(call);
  const messages = (child(call.request, 'UserIds')?.children ?? []).map((user) =>
    each(() => {
      call.server.truth.delegations.remove(owner.address, existing(user, owner, call).address);
      return message('Success', success);
    }),
  );
  return success + list(messages);
}

const nothing: Omit<Delegate, 'address'> = {
  levels: { calendar: 'None', tasks: 'None', inbox: 'None', contacts: 'None', notes: 'None', journal: 'None' },
  receivesCopies: false,
  viewsPrivate: false,
};

/** Delegates are managed by the owner alone. */
function ownMailbox(call: Call): Mailbox {
  const address = childText(child(call.request, 'Mailbox'), 'EmailAddress')?.trim() ?? '';
  const named = call.server.truth.mailbox(address);
  if (named === undefined) throw new EwsError('ErrorNonExistentMailbox');
  if (named !== call.mailbox) throw new EwsError('ErrorAccessDenied');
  return named;
}

function users(call: Call): readonly XmlElement[] {
  return child(call.request, 'DelegateUsers')?.children ?? [];
}

/** The mailbox of a t:UserId. */
function userOf(id: XmlElement | undefined, call: Call): Mailbox {
  const address = childText(id, 'PrimarySmtpAddress')?.trim();
  const sid = childText(id, 'SID')?.trim();
  if (address === undefined && sid === undefined) throw new EwsError('ErrorInvalidDelegateUserId');
  const found = call.server.truth.mailbox(address ?? call.server.directory.addressOfSid(sid ?? '') ?? '');
  if (found === undefined) throw new EwsError('ErrorDelegateNoUser');
  return found;
}

function existing(id: XmlElement | undefined, owner: Mailbox, call: Call): Delegate {
  const found = call.server.truth.delegations.find(owner.address, userOf(id, call).address);
  if (found === undefined) throw new EwsError('ErrorNotDelegate');
  return found;
}

/** What a t:DelegateUser says; what it does not mention stays. */
function merged(before: Delegate, user: XmlElement): Delegate {
  const levels = { ...before.levels };
  for (const folder of delegateFolders) {
    const level = childText(child(user, 'DelegatePermissions'), levelElement(folder))?.trim();
    if (level === 'Custom') throw new EwsError('ErrorInvalidDelegatePermission');
    if (level !== undefined) levels[folder] = level as DelegateLevel;
  }
  const flag = (name: string, otherwise: boolean) => readBoolean(childText(user, name) ?? String(otherwise));
  return {
    address: before.address,
    levels,
    receivesCopies: flag('ReceiveCopiesOfMeetingMessages', before.receivesCopies),
    viewsPrivate: flag('ViewPrivateItems', before.viewsPrivate),
  };
}

function takeDelivery(call: Call, owner: Mailbox): void {
  const delivery = childText(call.request, 'DeliverMeetingRequests')?.trim();
  if (delivery !== undefined) call.server.truth.delegations.setDelivery(owner.address, delivery as MeetingDelivery);
}

function levelElement(folder: DelegateFolder): string {
  return `${folder[0]?.toUpperCase()}${folder.slice(1)}FolderPermissionLevel`;
}

function delegateMessage(delegate: Delegate, call: Call, withPermissions: boolean): string {
  const { address, levels } = delegate;
  const name = call.server.truth.mailbox(address)?.description.displayName ?? address;
  const id = `<t:UserId>${element('SID', sidOf(address))}${element('PrimarySmtpAddress', address)}${element('DisplayName', name)}</t:UserId>`;
  const permissions = delegateFolders.map((one) => element(levelElement(one), levels[one])).join('');
  const shown = withPermissions ? `<t:DelegatePermissions>${permissions}</t:DelegatePermissions>` : '';
  const flags = `<t:ReceiveCopiesOfMeetingMessages>${delegate.receivesCopies}</t:ReceiveCopiesOfMeetingMessages><t:ViewPrivateItems>${delegate.viewsPrivate}</t:ViewPrivateItems>`;
  return message('Success', `${success}<m:DelegateUser>${id}${shown}${flags}</m:DelegateUser>`);
}

function each(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EwsError) || error instanceof EwsFault) throw error;
    return message('Error', errorContent(error));
  }
}

function message(outcome: 'Success' | 'Error', content: string): string {
  return `<m:DelegateUserResponseMessageType ResponseClass="${outcome}">${content}</m:DelegateUserResponseMessageType>`;
}

function list(messages: readonly string[]): string {
  return messages.length === 0 ? '' : `<m:ResponseMessages>${messages.join('')}</m:ResponseMessages>`;
}
