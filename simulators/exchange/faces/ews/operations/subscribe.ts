/** Subscribe and Unsubscribe ([MS-OXWSNTIF] 3.1.4.3, 3.1.4.4). */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { responseMessages, successMessage } from '../messages.ts';
import { startPushing } from '../push.ts';
import { resolveFolder } from '../resolve.ts';
import { type Subscription, type SubscriptionKind, watermarkText } from '../subscriptions.ts';
import { readBoolean } from '../text.ts';

const kinds: Readonly<Record<string, SubscriptionKind>> = {
  StreamingSubscriptionRequest: 'streaming',
  PullSubscriptionRequest: 'pull',
  PushSubscriptionRequest: 'push',
};

export function subscribe(call: Call): string {
  const [wanted] = call.request.children;
  if (wanted === undefined) throw new EwsError('ErrorInvalidSubscriptionRequest');
  const kind = kinds[wanted.name] ?? 'pull';
  const url = childText(wanted, 'URL')?.trim() ?? '';
  if (kind === 'push' && !/^https?:\/\/[^/]/i.test(url)) throw new EwsError('ErrorInvalidPushSubscriptionUrl');
  if (call.server.subscriptions.isFull(call.account.userName, call.mailbox)) {
    throw new EwsError('ErrorExceededSubscriptionCount');
  }
  const eventNames = new Set(child(wanted, 'EventTypes')?.children.map((one) => one.text.trim()));
  const minutes = Number(childText(wanted, 'Timeout') ?? 30);
  const subscription = call.server.subscriptions.add({
    kind,
    account: call.account.userName,
    mailbox: call.mailbox,
    node: call.node,
    folders: foldersOf(wanted, call),
    eventNames,
    timeoutMs: kind === 'pull' ? minutes * 60_000 : undefined,
  });
  if (kind === 'push') {
    const frequencyMs = Number(childText(wanted, 'StatusFrequency') ?? 30) * 60_000;
    startPushing(subscription, url, frequencyMs, call);
  }
  const watermark = kind === 'streaming' ? '' : `<m:Watermark>${watermarkText(subscription, 0)}</m:Watermark>`;
  return responseMessages([
    successMessage('Subscribe', `<m:SubscriptionId>${subscription.id}</m:SubscriptionId>${watermark}`),
  ]);
}

export function unsubscribe(call: Call): string {
  const subscription = ownSubscription(childText(call.request, 'SubscriptionId'), call);
  // Push subscriptions end by the listener's own answer.
  if (subscription.kind === 'push') throw new EwsError('ErrorInvalidSubscription');
  call.server.subscriptions.remove(subscription);
  return responseMessages([successMessage('Unsubscribe', '')]);
}

/** A living subscription of the caller, on the server that was asked. */
export function ownSubscription(id: string | undefined, call: Call): Subscription {
  const subscription = call.server.subscriptions.findAt(call.node, id?.trim() ?? '');
  if (subscription === undefined) throw new EwsError('ErrorSubscriptionNotFound');
  if (subscription.account !== call.account.userName) throw new EwsError('ErrorSubscriptionAccessDenied');
  return subscription;
}

function foldersOf(wanted: XmlElement, call: Call): ReadonlySet<number> | undefined {
  const references = child(wanted, 'FolderIds')?.children ?? [];
  const isAll = readBoolean(wanted.attributes.SubscribeToAllFolders ?? 'false');
  if (isAll && references.length === 0) return undefined;
  if (isAll || references.length === 0) throw new EwsError('ErrorInvalidSubscriptionRequest');
  return new Set(references.map((one) => resolveFolder(one, call, 'ErrorFolderNotFound').counter));
}
