/** "Busy" as servers say it: as a fault, inside a message, or disguised as something else (17 of the EWS notes). */

import type { Fault } from '../../control/faults.ts';
import type { Refusal } from '../../control/throttle.ts';
import { faultEnvelope } from './envelope.ts';
import { EwsError, EwsFault, valueDetail } from './ews-error.ts';
import type { Profile } from './profiles.ts';
import { rankOf } from './profiles.ts';

/** An HTTP answer that is no SOAP success. `close` ends the connection without any. */
export type BusyAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers: readonly string[];
      readonly code: string | undefined;
    }
  | { readonly kind: 'close' }
  | { readonly kind: 'unauthorized' };

/** The refusal of a throttling policy. */
export function throttled(refusal: Refusal, profile: Profile): BusyAnswer {
  if (refusal.policy === 'MaxConcurrency' || refusal.policy === 'HangingConnection') {
    return connectionCount(refusal.policy, refusal.limit, profile);
  }
  const what = `This operation exceeds the throttling budget for policy part '${refusal.policy}', policy value '${refusal.limit}',  Budget type: 'Ews'.  Suggested backoff time ${refusal.backOffMs} ms.`;
  const text = `The server cannot service this request right now. Try again later., ${what}`;
  const details = valueDetail('BackOffMilliseconds', String(refusal.backOffMs));
  return soapFault(new EwsFault('ErrorServerBusy', { text, details }));
}

/** Busy in the form a fault names. */
export function disguised(fault: Fault, profile: Profile): BusyAnswer {
  const seconds = Math.ceil((fault.backOffMs ?? 0) / 1000);
  switch (fault.form ?? 'fault') {
    case 'fault':
    case 'message':
      return soapFault(new EwsFault('ErrorServerBusy', backOff(fault)));
    case 'connectionCount':
      return connectionCount('MaxConcurrency', 27, profile);
    case 'http503':
      return page(503, 'Service Unavailable', fault.backOffMs === undefined ? [] : ['Retry-After', String(seconds)]);
    case 'redirect':
      return page(302, 'Object moved', ['Location', '/ews/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx']);
    case 'html500':
      return page(500, "Server Error in '/EWS' Application.", []);
    case 'casHeader':
      return page(500, '', ['X-CasErrorCode', 'ServerLocatorServiceTransientFault']);
    case 'close':
      return { kind: 'close' };
    case 'unauthorized':
      return { kind: 'unauthorized' };
  }
}

/** Busy as the error of one item; the rest of the batch stops. */
export function busyItem(fault: Fault): EwsError {
  return new EwsError('ErrorServerBusy', { ...backOff(fault), stopsBatch: true });
}

/** Any HTTP status with a page of HTML. */
export function page(status: number, title: string, headers: readonly string[]): BusyAnswer {
  const text = title === '' ? '' : `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { kind: 'answer', status, contentType: 'text/html; charset=utf-8', text, headers, code: `http${status}` };
}

function backOff(fault: Fault): { details?: string } {
  return fault.backOffMs === undefined ? {} : { details: valueDetail('BackOffMilliseconds', String(fault.backOffMs)) };
}

function soapFault(fault: EwsFault): BusyAnswer {
  const text = faultEnvelope(fault);
  return { kind: 'answer', status: 500, contentType: 'text/xml; charset=utf-8', text, headers: [], code: fault.code };
}

function connectionCount(policy: string, limit: number, profile: Profile): BusyAnswer {
  const text =
    'You have exceeded the available concurrent connections for your account.  Try again once your other requests have completed.';
  const message = `This operation exceeds the throttling budget for policy part '${policy}', policy value '${limit}',  Budget type: 'Ews'.  Suggested backoff time 0 ms.`;
  const details =
    rankOf(profile.newest) < rankOf('Exchange2013')
      ? ''
      : valueDetail('Policy', policy) +
        valueDetail('MaxConcurrencyLimit', String(limit)) +
        valueDetail('ErrorMessage', message);
  return soapFault(new EwsFault('ErrorExceededConnectionCount', { text, details }));
}
