/** What an HTTP exchange by itself says about a trouble, whatever protocol is spoken over it. */
import { type Fault, fault } from '#contract/fault.ts';
import type { HttpAnswer, HttpFailure } from './http.ts';

/** No complete answer. `certain`: the request certainly changed nothing, because it never left this machine. */
export function ofConnection(failure: HttpFailure): { readonly fault: Fault; readonly certain: boolean } {
  const source = failure.source;
  const certain = !failure.sent;
  switch (failure.reason) {
    case 'connect':
      return { fault: fault('server.unreachable', 'No connection to the server.', { source }), certain };
    case 'tls':
      return {
        fault: fault('server.tls', 'The secure connection was refused or is not trusted.', { source }),
        certain,
      };
    case 'timeout':
      return { fault: fault('server.timeout', 'The server did not answer in time.', { source }), certain };
    case 'closed':
      // A busy IIS drops connections without a word, before or after doing the work.
      return {
        fault: fault('server.unreachable', 'The connection ended before the answer was complete.', { source }),
        certain,
      };
    case 'tooLarge':
      return { fault: fault('server.garbled', 'The answer is larger than any we accept.', { source }), certain };
    case 'encoding':
      return {
        fault: fault('server.garbled', 'The answer is compressed in a way we cannot read.', { source }),
        certain,
      };
  }
}

/** The body of a 401 that says so must stop every further attempt: each one prolongs the lock. */
export function lockedOut(answer: HttpAnswer): boolean {
  return answer.status === 401 && /locked out/i.test(answer.body.slice(0, 4096));
}

/** A web page, by its type or its first words. */
export function isHtml(answer: HttpAnswer): boolean {
  const type = answer.headers['content-type'] ?? '';
  return type.includes('html') || /^\s*<(!doctype html|html)/i.test(answer.body.slice(0, 200));
}

/** The status, and what the front end adds about it: Exchange's own word, or the ways of signing in it would take. */
export function sourceOf(answer: HttpAnswer): string {
  const { 'x-caserrorcode': cas, 'www-authenticate': offered } = answer.headers;
  if (typeof cas === 'string') return `HTTP ${answer.status} ${cas}`;
  if (answer.status !== 401 || offered === undefined) return `HTTP ${answer.status}`;
  const schemes = String(offered)
    .split(/,\s*/)
    .map((one) => one.trim().split(/[\s=]/)[0] ?? '');
  return `HTTP 401, offered: ${[...new Set(schemes)].filter((one) => /^(Basic|NTLM|Negotiate|Bearer)$/i.test(one)).join(' ') || 'nothing'}`;
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3); undefined when missing, past or not to be understood. */
export function retryAfter(answer: HttpAnswer, now: number): number | undefined {
  const text = answer.headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text.trim())) return positive(Number(text) * 1000);
  return positive(Date.parse(text) - now);
}

/** Hints beyond this are taken for this: no server means to be left alone for a day. */
const hintMsMax = 24 * 60 * 60 * 1000;

/** A hint as far as it makes sense. */
export function positive(durationMs: number): number | undefined {
  return durationMs > 0 ? Math.min(durationMs, hintMsMax) : undefined;
}
