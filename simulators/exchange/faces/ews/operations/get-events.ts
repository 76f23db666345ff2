/** GetEvents ([MS-OXWSNTIF] 3.1.4.1): the events of a pull subscription after a watermark. */
import { childText } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { responseMessages, successMessage } from '../messages.ts';
import { type QueuedEvent, readWatermark, type Subscription, watermarkText } from '../subscriptions.ts';
import { ownSubscription } from './subscribe.ts';

/** Events in one answer. */
const eventsMax = 50;

export function getEvents(call: Call): string {
  const subscription = ownSubscription(childText(call.request, 'SubscriptionId'), call);
  if (subscription.kind !== 'pull') throw new EwsError('ErrorInvalidPullSubscriptionId');
  const seen = readWatermark(subscription, childText(call.request, 'Watermark')?.trim() ?? '');
  if (seen === undefined || seen > subscription.lastNumber) throw new EwsError('ErrorInvalidWatermark');
  subscription.lastUsedMs = call.server.ports.clock.now();
  subscription.queue = subscription.queue.filter((one) => one.number > seen);
  const events = subscription.queue.slice(0, eventsMax);
  const hasMore = subscription.queue.length > events.length;
  return responseMessages([
    successMessage(
      'GetEvents',
      `<m:Notification>${notificationContent(subscription, seen, events, hasMore)}</m:Notification>`,
    ),
  ]);
}

/** Subscription, place before, and the events with their places; a status event when there is nothing. */
export function notificationContent(
  subscription: Subscription,
  seen: number,
  events: readonly QueuedEvent[],
  hasMore: boolean,
): string {
  const mark = (number: number): string => `<t:Watermark>${watermarkText(subscription, number)}</t:Watermark>`;
  const list =
    events.length === 0
      ? `<t:StatusEvent>${mark(seen)}</t:StatusEvent>`
      : events.map((one) => `<t:${one.name}>${mark(one.number)}${one.content}</t:${one.name}>`).join('');
  return `<t:SubscriptionId>${subscription.id}</t:SubscriptionId><t:PreviousWatermark>${watermarkText(subscription, seen)}</t:PreviousWatermark><t:MoreEvents>${hasMore}</t:MoreEvents>${list}`;
}
