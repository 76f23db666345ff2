/** Push subscriptions: the server posts events to the client's listener ([MS-OXWSNTIF] 3.1.4.2). */

import type { Call } from './call.ts';
import { messagesNs, soapNs, typesNs } from './envelope.ts';
import { notificationContent } from './operations/get-events.ts';
import type { Subscription } from './subscriptions.ts';

/** Attempts before a listener that does not answer is given up. */
const attemptsMax = 3;

/** Posts events as they come, and a status event when there is nothing for a while; ends with the subscription. */
export function startPushing(subscription: Subscription, url: string, statusMs: number, call: Call): void {
  const { subscriptions, ports } = call.server;
  void run();

  async function run(): Promise<void> {
    let seen = 0;
    while (subscriptions.find(subscription.id) === subscription) {
      const waiting = new AbortController();
      subscription.wake = () => waiting.abort();
      if (subscription.queue.length === 0) await ports.timer.sleep(statusMs, waiting.signal);
      if (subscriptions.find(subscription.id) !== subscription) return;
      const events = subscription.queue.splice(0);
      const content = notificationContent(subscription, seen, events, false);
      seen = events.at(-1)?.number ?? seen;
      if (!(await deliver(content))) subscriptions.remove(subscription);
    }
  }

  async function deliver(content: string): Promise<boolean> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'text/xml; charset=utf-8',
            accept: 'text/xml',
            soapaction: `${messagesNs}/SendNotification`,
          },
          body: document(call.version, content),
        });
        const text = await response.text();
        return response.ok && text.includes('>OK<');
      } catch {
        await ports.timer.sleep(1000 * 2 ** attempt);
      }
    }
    return false;
  }
}

function document(version: string, content: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap11:Envelope xmlns:soap11="${soapNs}"><soap11:Header><t:RequestServerVersion xmlns:m="${messagesNs}" Version="${version}" xmlns:t="${typesNs}" /></soap11:Header><soap11:Body><m:SendNotification xmlns:t="${typesNs}" xmlns:m="${messagesNs}"><m:ResponseMessages><m:SendNotificationResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Notification>${content}</m:Notification></m:SendNotificationResponseMessage></m:ResponseMessages></m:SendNotification></soap11:Body></soap11:Envelope>`;
}
