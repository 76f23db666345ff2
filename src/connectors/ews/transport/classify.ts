/**
 * The one place where an odd answer becomes a fault of the contract. Every branch says why. Two things are decided: which
 * fault it is, and whether the request **certainly had no effect** — when in doubt it may have had one.
 */
import { type Fault, type FaultCode, fault } from '#contract/fault.ts';
import type { HttpAnswer, HttpFailure } from '../../transport/http.ts';
import { isHtml, lockedOut, ofConnection, positive, retryAfter, sourceOf } from '../../transport/http-trouble.ts';
import { responseCodes } from './response-codes.ts';
import type { Details, SoapFault } from './soap.ts';

/** Everything that can be known about a request that did not simply succeed. */
export type Evidence =
  /** No complete answer. */
  | HttpFailure
  /** An answer that is not the SOAP message asked for; `reason` says what is wrong with it. */
  | { readonly kind: 'notSoap'; readonly answer: HttpAnswer; readonly reason: string }
  /** The whole request was refused. */
  | { readonly kind: 'soapFault'; readonly answer: HttpAnswer; readonly fault: SoapFault }
  /** One entry of a batch was refused. */
  | { readonly kind: 'response'; readonly code: string; readonly details: Details }
  /** The answer came, but without a message for this entry of the batch. */
  | { readonly kind: 'missing'; readonly operation: string };

export interface Trouble {
  readonly fault: Fault;
  /** The request certainly changed nothing. */
  readonly certain: boolean;
  /** The response code, where the server gave one. */
  readonly code?: string;
  readonly details?: Details;
}

/** Classifies one piece of evidence. `now` in milliseconds, to read a Retry-After given as a date. */
export function classify(evidence: Evidence, now: number): Trouble {
  switch (evidence.kind) {
    case 'failure':
      return ofConnection(evidence);
    case 'notSoap':
      return ofStatus(evidence.answer, evidence.reason, now);
    case 'soapFault':
      return ofSoapFault(evidence.answer, evidence.fault, now);
    case 'response':
      return ofCode(evidence.code, evidence.details, 'item');
    case 'missing':
      // Whether the server did it without saying so cannot be seen from here.
      return doubtfully('server.garbled', `The answer to ${evidence.operation} leaves out an entry.`);
  }
}

/** A status without a SOAP message: the handler behind it never saw the request, except where a branch says otherwise. */
function ofStatus(answer: HttpAnswer, reason: string, now: number): Trouble {
  const status = answer.status;
  const source = sourceOf(answer);
  const refused = (code: FaultCode, message: string): Trouble => ({
    fault: fault(code, message, { source }),
    certain: true,
  });
  const unsure = (code: FaultCode, message: string): Trouble => ({
    fault: fault(code, message, { source }),
    certain: false,
  });
  const retryAfterMs = retryAfter(answer, now);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };

  if (status === 401) {
    // The front end stands before everything else; also seen under load, which is why the session tries once more.
    return refused(
      'authentication.rejected',
      lockedOut(answer) ? 'The account is locked out.' : 'The server refused the sign-in.',
    );
  }
  if (status === 403) return refused('mailbox.denied', 'The server forbids this account or application to use EWS.');
  if (status === 404) return refused('server.notExchange', 'There is no EWS at this address.');
  if (status === 405 || status === 410)
    return refused('server.notExchange', 'This address does not take EWS requests.');
  if (status === 400) return refused('defect.request', 'The server calls the request malformed.');
  if (status === 413) return refused('item.tooLarge', 'The request is larger than the server accepts.');
  if (status === 429)
    return { fault: fault('budget.exhausted', 'Too many requests.', { source, ...wait }), certain: true };
  if (status === 440) return refused('authentication.rejected', 'The server wants a sign-in by form.');
  if (status === 451 || status === 456) return refused('mailbox.moved', 'The mailbox is served elsewhere.');
  if (status === 507) return refused('mailbox.full', 'The server has no room.');
  if (status >= 300 && status < 400) {
    // ASP.NET sends a request that failed on the way to its error page: a random outage, possibly after the work.
    if (/error/i.test(answer.headers.location ?? ''))
      return unsure('server.failure', 'The server redirects to an error page.');
    return refused('server.notExchange', 'The server redirects, as a sign-in page or a proxy does.');
  }
  if (status === 503) {
    // Mostly the queue in front of IIS, but a back end that dies half-way looks the same.
    return { fault: fault('budget.exhausted', 'The server is not available.', { source, ...wait }), certain: false };
  }
  if (status >= 500) return unsure('server.failure', 'The server failed without a SOAP message.');
  if (status === 200 && isHtml(answer))
    return unsure('server.notExchange', 'A web page came instead of an EWS answer.');
  if (status >= 200 && status < 300) return unsure('server.garbled', `The answer cannot be read (${reason}).`);
  return unsure('server.notExchange', 'An HTTP status EWS does not use.');
}

function ofSoapFault(answer: HttpAnswer, soap: SoapFault, now: number): Trouble {
  if (soap.code === undefined) {
    // Well-formed but without a code of EWS: a proxy, or the server's own failure. It may have acted.
    return {
      fault: fault('server.failure', 'The server answered a fault without a code.', { source: sourceOf(answer) }),
      certain: false,
    };
  }
  const trouble = ofCode(soap.code, soap.details, 'request');
  const retryAfterMs = trouble.fault.retryAfterMs ?? retryAfter(answer, now);
  if (retryAfterMs === undefined || trouble.fault.code !== 'budget.exhausted') return trouble;
  return { ...trouble, fault: { ...trouble.fault, retryAfterMs } };
}

/** By response code. MessageText is localised and is never looked at. */
function ofCode(code: string, details: Details, scope: 'request' | 'item'): Trouble {
  const inner = details.values.InnerErrorResponseCode;
  if (inner !== undefined && responseCodes.has(inner)) {
    // An "internal" error that wraps the real one, e.g. busy or out of quota.
    const { InnerErrorResponseCode: _, ...values } = details.values;
    return { ...ofCode(inner, { ...details, values }, scope), certain: false };
  }
  const meaning = responseCodes.get(code);
  const property = [details.property, details.index].filter((one) => one !== undefined).join(' ');
  const more = { source: property === '' ? code : `${code} ${property}` };
  if (meaning === undefined) {
    // ErrorInternalServerError or a code we do not know. As the answer to one entry it concerns that entry; as the answer
    // to a whole request, the server. Neither says how far it got.
    const message = scope === 'item' ? 'The server failed on this item.' : 'The server failed.';
    return {
      fault: fault(scope === 'item' ? 'item.unreadable' : 'server.failure', message, more),
      certain: false,
      code,
      details,
    };
  }
  const retryAfterMs = positive(Number(details.values.BackOffMilliseconds));
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
  return {
    fault: fault(meaning.fault, messageOf(meaning.fault), { ...more, ...hint }),
    certain: !meaning.doubtful,
    code,
    details,
  };
}

function messageOf(code: FaultCode): string {
  switch (code) {
    case 'budget.exhausted':
      return 'The server is busy.';
    case 'item.gone':
      return 'The item is no longer there.';
    case 'item.conflict':
      return 'The item was changed in the meantime.';
    case 'item.denied':
      return 'The account may not do this.';
    case 'item.unreadable':
      return 'The item is damaged.';
    case 'item.unsupported':
    case 'item.invalid':
      return 'The server does not accept a value of the item.';
    case 'mailbox.folderGone':
      return 'The folder is no longer there.';
    case 'mailbox.cursorInvalid':
      return 'The server no longer knows the synchronization state.';
    case 'authentication.impersonation':
      return 'The account may not act for mailboxes of this server.';
    case 'server.version':
      return 'The server does not speak the schema version asked for.';
    default:
      return 'The server refused the request.';
  }
}

function doubtfully(code: FaultCode, message: string): Trouble {
  return { fault: fault(code, message), certain: false };
}
