/**
 * The cookies of one mailbox. Exchange routes by them (`exchangecookie`, `X-BackEndCookie`), so a jar is never shared between
 * mailboxes. A cookie lives as long as it says itself (RFC 6265 5.3: Max-Age before Expires), recorded lifetimes being 30
 * days and a year.
 */
import type { Clock } from '#ports/ports.ts';

interface Cookie {
  readonly value: string;
  readonly path: string;
  /** Milliseconds since 1970; undefined: until the jar ends. */
  readonly expiresAt: number | undefined;
}

const cookiesMax = 32;
const cookieCharactersMax = 4096;

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the Set-Cookie headers of one answer. Malformed ones are left out. */
  take(headers: string | readonly string[] | undefined): void {
    if (headers === undefined) return;
    for (const header of typeof headers === 'string' ? [headers] : headers) this.#takeOne(header);
  }

  /** The Cookie header for a path; undefined when there is none to send. */
  headerFor(path: string): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    const now = this.#clock.now();
    let header = '';
    for (const [name, cookie] of this.#cookies) {
      if (cookie.expiresAt !== undefined && cookie.expiresAt <= now) this.#cookies.delete(name);
      else if (covers(cookie.path, path)) header += `${header === '' ? '' : '; '}${name}=${cookie.value}`;
    }
    return header === '' ? undefined : header;
  }

  #takeOne(header: string): void {
    const [pair = '', ...attributes] = header.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals < 1 || name === '' || header.length > cookieCharactersMax) return;
    const cookie = cookieOf(pair.slice(equals + 1).trim(), attributes, this.#clock.now());
    this.#cookies.delete(name);
    if (cookie.expiresAt !== undefined && cookie.expiresAt <= this.#clock.now()) return;
    if (this.#cookies.size < cookiesMax) this.#cookies.set(name, cookie);
  }
}

function cookieOf(value: string, attributes: readonly string[], now: number): Cookie {
  let path = '/';
  let expiresAt: number | undefined;
  let maxAgeGiven = false;
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=');
    if (equals < 0) continue;
    const text = attribute.slice(equals + 1).trim();
    switch (attribute.slice(0, equals).trim().toLowerCase()) {
      case 'path':
        if (text.startsWith('/')) path = text;
        break;
      case 'max-age':
        if (/^-?\d+$/.test(text)) {
          expiresAt = now + Number(text) * 1000;
          maxAgeGiven = true;
        }
        break;
      case 'expires': {
        const at = Date.parse(text);
        if (!maxAgeGiven && !Number.isNaN(at)) expiresAt = at;
        break;
      }
    }
  }
  return { value, path, expiresAt };
}

/** RFC 6265 5.1.4, but without regard to case: IIS treats `/EWS` and `/ews` as one. */
function covers(cookiePath: string, path: string): boolean {
  const prefix = cookiePath.toLowerCase();
  const whole = path.toLowerCase();
  return (
    whole.startsWith(prefix) && (whole.length === prefix.length || prefix.endsWith('/') || whole[prefix.length] === '/')
  );
}
