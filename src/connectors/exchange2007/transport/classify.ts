/**
 * The one place where an odd WebDAV answer becomes a fault of the contract. Every branch says why. Two things are decided:
 * which fault it is, and whether the request **certainly had no effect** — when in doubt it may have had one.
 */
import { type Fault, type FaultCode, fault } from '#contract/fault.ts';
import type { HttpAnswer, HttpFailure } from '../../transport/http.ts';
import { isHtml, lockedOut, ofConnection, retryAfter, sourceOf } from '../../transport/http-trouble.ts';

/** What a request is about; the same status means different things of each. */
export type Subject = 'item' | 'folder' | 'mailbox';

/** Everything that can be known about a request that did not simply succeed. */
export type Evidence =
  /** No complete answer. */
  | HttpFailure
  /** A status, with what is wrong with the answer when the status is a good one. */
  | { readonly kind: 'status'; readonly answer: HttpAnswer; readonly subject: Subject; readonly reason?: string }
  /** The status of one resource inside a multistatus. */
  | { readonly kind: 'part'; readonly status: number; readonly subject: Subject }
  /** The multistatus leaves a resource out. */
  | { readonly kind: 'missing'; readonly operation: string };

export interface Trouble {
  readonly fault: Fault;
  /** The request certainly changed nothing. */
  readonly certain: boolean;
  /** The HTTP status, where there was one. */
  readonly status?: number;
}

/** Classifies one piece of evidence. `now` in milliseconds, to read a Retry-After given as a date. */
export function classify(evidence: Evidence, now: number): Trouble {
  switch (evidence.kind) {
    case 'failure':
      return ofConnection(evidence);
    case 'status':
      return ofAnswer(evidence.answer, evidence.subject, evidence.reason, now);
    case 'part':
      return ofStatus(evidence.status, evidence.subject, `HTTP ${evidence.status}`);
    case 'missing':
      // Whether the server did it without saying so cannot be seen from here.
      return {
        fault: fault('server.garbled', `The answer to ${evidence.operation} leaves out a resource.`),
        certain: false,
      };
  }
}

function ofAnswer(answer: HttpAnswer, subject: Subject, reason: string | undefined, now: number): Trouble {
  const { status } = answer;
  const source = sourceOf(answer);
  if (status === 401) {
    const message = lockedOut(answer) ? 'The account is locked out.' : 'The server refused the sign-in.';
    return refused(status, 'authentication.rejected', message, source);
  }
  if (status >= 300 && status < 400) return ofRedirect(answer, source);
  if (status === 503 || status === 429) {
    // 503 is mostly the queue in front of IIS, but a back end that dies half-way looks the same.
    const retryAfterMs = retryAfter(answer, now);
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return {
      fault: fault('budget.exhausted', 'The server is not available.', { source, ...wait }),
      certain: status === 429,
      status,
    };
  }
  if (status >= 200 && status < 300) {
    return isHtml(answer)
      ? unsure(status, 'server.notExchange', 'A web page came instead of a WebDAV answer.', source)
      : unsure(status, 'server.garbled', `The answer cannot be read (${reason ?? 'unexpected'}).`, source);
  }
  return ofStatus(status, subject, source);
}

function ofRedirect(answer: HttpAnswer, source: string): Trouble {
  const { status } = answer;
  const location = answer.headers.location ?? '';
  if (isSignInPage(location)) {
    return refused(status, 'authentication.rejected', 'The server wants a sign-in by form.', source);
  }
  // Exchange 2010 and later have no WebDAV: its directory leads to the web client.
  if (/\/owa\/?(\?|$)/i.test(location)) {
    return refused(status, 'mailbox.moved', 'The mailbox is served without WebDAV, as by Exchange 2010.', source);
  }
  // ASP.NET sends a request that failed on the way to its error page, possibly after the work.
  if (/error/i.test(location)) {
    return unsure(status, 'server.failure', 'The server redirects to an error page.', source);
  }
  return refused(status, 'server.notExchange', 'The server redirects, as a proxy does.', source);
}

/** Where the forms filter of 2003 and 2007 leads who is not signed in. */
function isSignInPage(location: string): boolean {
  return /\/(owalogon\.asp|logon\.aspx)\b/i.test(location);
}

/** Lost or expired forms session: nothing behind the filter saw the request. */
const loginTimeout = 440;

/** By status alone. */
function ofStatus(status: number, subject: Subject, source: string): Trouble {
  switch (status) {
    case 400:
      return refused(status, 'defect.request', 'The server calls the request malformed.', source);
    case 401:
    case 403:
      return refused(
        status,
        subject === 'item' ? 'item.denied' : 'mailbox.denied',
        'The account may not do this.',
        source,
      );
    case 404:
    case 410:
      return refused(status, goneCodes[subject], 'It is no longer there.', source);
    case 405:
    case 501:
      // Also a filter in front of the server that takes only the verbs it knows.
      return refused(status, 'server.version', 'The server does not take this kind of request.', source);
    case 409:
      // The parent of a new item is missing.
      return refused(status, 'mailbox.folderGone', 'The folder is no longer there.', source);
    case 412:
    case 423:
      // Another version than expected, or held by somebody at this moment: both are looked at again.
      return refused(status, 'item.conflict', 'The item was changed in the meantime.', source);
    case 413:
      return refused(status, 'item.tooLarge', 'The request is larger than the server accepts.', source);
    case 414:
    case 415:
    case 416:
    case 422:
      return refused(status, 'defect.request', 'The server does not understand the request.', source);
    case loginTimeout:
      return refused(status, 'authentication.rejected', 'The server wants a sign-in by form.', source);
    case 451:
      return refused(status, 'mailbox.moved', 'The mailbox is served elsewhere.', source);
    case 507:
      return refused(status, 'mailbox.full', 'The mailbox has no room.', source);
    default:
      return status >= 424
        ? unsure(status, 'server.failure', 'The server failed.', source)
        : unsure(status, 'server.notExchange', 'An HTTP status WebDAV does not use.', source);
  }
}

const goneCodes: Readonly<Record<Subject, FaultCode>> = {
  item: 'item.gone',
  folder: 'mailbox.folderGone',
  mailbox: 'mailbox.notFound',
};

/** A property the server did not take, by the status of its propstat; the path is the caller's to add. */
export function ofProperty(status: number): Fault {
  const source = `HTTP ${status}`;
  switch (status) {
    case 400:
    case 409:
    case 422:
      return fault('item.invalid', 'The server does not accept a value of the item.', { source });
    case 507:
      return fault('mailbox.full', 'The mailbox has no room.', { source });
    case 423:
      return fault('item.conflict', 'Somebody holds the item at this moment.', { source });
    default:
      return fault('item.unsupported', 'The server does not let a property be written.', { source });
  }
}

function refused(status: number, code: FaultCode, message: string, source: string): Trouble {
  return { fault: fault(code, message, { source }), certain: true, status };
}

function unsure(status: number, code: FaultCode, message: string, source: string): Trouble {
  return { fault: fault(code, message, { source }), certain: false, status };
}
