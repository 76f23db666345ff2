/** Damage done to answers on their way: cut, garbled, mislabelled, slow, repeated. */
import type { ServerResponse } from 'node:http';
import type { Timer } from '#ports/ports.ts';
import type { Control } from './control/control.ts';
import type { FaultSite } from './control/faults.ts';

/** Parts that a slow answer is sent in. */
const slowParts = 8;

/** The answer as it leaves, and the content type it claims. */
export function damaged(
  text: string,
  site: FaultSite,
  control: Control,
): { readonly text: string; readonly contentType: string } {
  const plain = { text, contentType: 'text/xml; charset=utf-8' };
  const previous = control.exchangeAnswer(`${site.operation} ${site.mailbox}`, text);
  if (control.isCalm) return plain;
  const fault = control.strike(
    site,
    undefined,
    'truncateReply',
    'garbleReply',
    'wrongContentType',
    'illegalCharacter',
    'repeatPage',
  );
  switch (fault?.kind) {
    case 'truncateReply':
      return { ...plain, text: text.slice(0, Math.floor(text.length / 2)) };
    case 'garbleReply':
      return { ...plain, text: `${text.slice(0, 60)}\u0000<<${text.slice(70)}` };
    case 'wrongContentType':
      return { text: '<html><body>Sign in</body></html>', contentType: 'text/html' };
    case 'illegalCharacter':
      return {
        ...plain,
        text: text.replace(/<t:Subject>/, '<t:Subject>&#x10;').replace(/<t:Body([^/>]*)>/, '<t:Body$1>&#xB;'),
      };
    case 'repeatPage':
      return { ...plain, text: previous ?? text };
    default:
      return plain;
  }
}

/** Sends an answer in several parts with pauses. */
export async function sendSlowly(response: ServerResponse, text: string, pauseMs: number, timer: Timer): Promise<void> {
  const size = Math.max(Math.ceil(text.length / slowParts), 1);
  for (let at = 0; at < text.length; at += size) {
    if (response.destroyed) return;
    response.write(text.slice(at, at + size));
    await timer.sleep(pauseMs);
  }
}
