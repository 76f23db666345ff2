/**
 * GetStreamingEvents ([MS-OXWSNTIF] 3.1.4.5): one long answer made of whole documents, one after another: the first at once,
 * one per batch of events, one without events every so often, and a last one that says the connection is closed.
 */
import { child, childText } from '#xml/reader.ts';
import type { Call } from './call.ts';
import { messagesNs, soapNs, typesNs, versionAttributes } from './envelope.ts';
import { EwsError } from './ews-error.ts';
import { errorContent } from './messages.ts';
import type { Subscription } from './subscriptions.ts';

/** A connection without events sends a document this often. */
const heartbeatMs = 45_000;

/** Subscriptions one connection may serve. */
const subscriptionsMax = 200;

/** Serves one connection until its time is over, the client leaves, or a subscription dies. */
export async function streamEvents(call: Call, write: (document: string) => void): Promise<void> {
  const { clock, timer } = call.server.ports;
  const ids = child(call.request, 'SubscriptionIds')?.children.map((one) => one.text.trim()) ?? [];
  const refusal = refused(ids, call);
  if (refusal !== undefined) {
    write(refusal);
    return;
  }
  const served = ids.map((id) => call.server.subscriptions.find(id)).filter((one) => one !== undefined);
  const endMs = clock.now() + Number(childText(call.request, 'ConnectionTimeout') ?? 30) * 60_000;
  let wasTakenOver = false;
  let waiting = new AbortController();
  const mine = (): void => {
    wasTakenOver = true;
    waiting.abort();
  };
  for (const one of served) {
    one.takeOver?.();
    one.takeOver = mine;
    one.wake = () => waiting.abort();
  }
  call.signal.addEventListener('abort', () => waiting.abort());
  write(document(call, '<m:ConnectionStatus>OK</m:ConnectionStatus>'));
  while (!call.signal.aborted && !wasTakenOver && clock.now() < endMs) {
    if (served.every((one) => one.queue.length === 0)) {
      waiting = new AbortController();
      await timer.sleep(Math.max(Math.min(heartbeatMs, endMs - clock.now()), 0), waiting.signal);
    }
    if (call.signal.aborted || wasTakenOver) break;
    const dead = served.filter((one) => call.server.subscriptions.find(one.id) !== one);
    if (dead.length > 0) {
      write(
        invalid(
          call,
          dead.map((one) => one.id),
        ),
      );
      release(served, mine, clock.now());
      return;
    }
    write(document(call, notifications(served) ?? '<m:ConnectionStatus>OK</m:ConnectionStatus>'));
  }
  release(served, mine, clock.now());
  if (call.signal.aborted) return;
  write(wasTakenOver ? takenOver(call) : document(call, '<m:ConnectionStatus>Closed</m:ConnectionStatus>'));
}

function refused(ids: readonly string[], call: Call): string | undefined {
  if (ids.length > subscriptionsMax) {
    return errorDocument(call, new EwsError('ErrorInvalidRequest', { text: 'Too many subscriptions.' }), []);
  }
  const unknown = ids.filter((id) => call.server.subscriptions.findAt(call.node, id)?.kind !== 'streaming');
  if (unknown.length > 0) return invalid(call, unknown);
  const foreign = ids.filter((id) => call.server.subscriptions.find(id)?.account !== call.account.userName);
  return foreign.length === 0 ? undefined : errorDocument(call, new EwsError('ErrorSubscriptionAccessDenied'), foreign);
}

/** Takes all waiting events out of their queues; undefined when there were none. */
function notifications(served: readonly Subscription[]): string | undefined {
  let markup = '';
  for (const one of served) {
    const events = one.queue.splice(0);
    if (events.length === 0) continue;
    const list = events.map((event) => `<t:${event.name}>${event.content}</t:${event.name}>`).join('');
    markup += `<m:Notification><t:SubscriptionId>${one.id}</t:SubscriptionId>${list}</m:Notification>`;
  }
  return markup === '' ? undefined : `<m:Notifications>${markup}</m:Notifications>`;
}

function release(served: readonly Subscription[], mine: () => void, nowMs: number): void {
  for (const one of served) {
    one.lastUsedMs = nowMs;
    if (one.takeOver !== mine) continue;
    one.takeOver = undefined;
    one.wake = undefined;
  }
}

function invalid(call: Call, ids: readonly string[]): string {
  return errorDocument(call, new EwsError('ErrorInvalidSubscription'), ids);
}

function takenOver(call: Call): string {
  const text = 'Another connection was opened using the specified subscription.';
  return errorDocument(call, new EwsError('ErrorNewEventStreamConnectionOpened', { text }), []);
}

function errorDocument(call: Call, error: EwsError, ids: readonly string[]): string {
  const list = ids.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('');
  const which = list === '' ? '' : `<m:ErrorSubscriptionIds>${list}</m:ErrorSubscriptionIds>`;
  const content = `${errorContent(error)}${which}<m:ConnectionStatus>Closed</m:ConnectionStatus>`;
  return envelope(
    call,
    `<m:GetStreamingEventsResponseMessage ResponseClass="Error">${content}</m:GetStreamingEventsResponseMessage>`,
  );
}

function document(call: Call, content: string): string {
  return envelope(
    call,
    `<m:GetStreamingEventsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:GetStreamingEventsResponseMessage>`,
  );
}

/** Streamed documents have a form of their own: no declaration, and a default-namespace Envelope. */
function envelope(call: Call, message: string): string {
  const schema = 'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  return `<Envelope xmlns="${soapNs}"><soap11:Header xmlns:soap11="${soapNs}"><ServerVersionInfo ${schema} ${versionAttributes(call.profile)} xmlns="${typesNs}" /></soap11:Header><soap11:Body xmlns:soap11="${soapNs}"><m:GetStreamingEventsResponse ${schema} xmlns:t="${typesNs}" xmlns:m="${messagesNs}"><m:ResponseMessages>${message}</m:ResponseMessages></m:GetStreamingEventsResponse></soap11:Body></Envelope>`;
}
