/** The JSON dialect, version 2, which needs no sign-in and tells an address only (ews reference section 5). Pure. */
import { type DiscoverAnswer, urlsOf } from './answer.ts';

export function jsonUrl(base: string, address: string): string {
  return `${base}.json/v1.0/${encodeURIComponent(address)}?Protocol=EWS`;
}

/** Online sends everybody it does not know to itself: an address there says nothing about where a mailbox is. */
const onlineHosts = /(^|\.)(outlook\.office365\.com|outlook\.office\.com|outlook\.com)$/i;

export function readJson(text: string): DiscoverAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'other', reason: 'no JSON came' };
  }
  if (typeof value !== 'object' || value === null)
    return { kind: 'other', reason: 'the JSON is no answer of autodiscover' };
  const { Protocol, Url, ErrorCode } = value as Readonly<Record<string, unknown>>;
  if (ErrorCode === 'UserNotFound') return { kind: 'unknown', code: ErrorCode };
  if (typeof ErrorCode === 'string') return { kind: 'busy', code: ErrorCode };
  const urls = urlsOf([typeof Url === 'string' ? Url : undefined]);
  const [url] = urls;
  if (url === undefined || typeof Protocol !== 'string' || Protocol.toLowerCase() !== 'ews') {
    return { kind: 'other', reason: 'the JSON is no answer of autodiscover' };
  }
  const isOnline = onlineHosts.test(new URL(url).hostname);
  return { kind: 'settings', settings: { source: 'autodiscover.json', urls, protocols: [isOnline ? 'graph' : 'ews'] } };
}
