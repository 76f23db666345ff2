/**
 * Sign-in by a page and two cookies, as Exchange 2003 and 2007 have it (reference on Exchange 2007, section 1.2). The cookies
 * are sealed: what they say is kept here, and a half-used session gets a fresh `cadata` with any answer.
 */
import { createHash } from 'node:crypto';
import type { Ports } from '#ports/ports.ts';
import type { Account, Directory } from '../../../sign-in/directory.ts';
import type { WebdavSettings } from '../webdav-settings.ts';

/** Sessions kept at most; the oldest end first. */
const sessionsMax = 10_000;

/** Bit of `flags` and `trusted`: a private computer. */
const privateBit = 4;

interface Session {
  readonly account: Account;
  readonly lifeMs: number;
  untilMs: number;
}

export interface LogOn {
  /** Where the browser is sent next. */
  readonly location: string;
  readonly cookies: readonly string[];
}

export class FormsDesk {
  readonly #directory: Directory;
  readonly #ports: Ports;
  readonly #settings: WebdavSettings;
  readonly #sessions = new Map<string, Session>();

  constructor(directory: Directory, ports: Ports, settings: WebdavSettings) {
    this.#directory = directory;
    this.#ports = ports;
    this.#settings = settings;
  }

  get isOn(): boolean {
    return this.#settings.forms !== 'none';
  }

  /** Path that the form is sent to. The one of 2003 is also there in 2007, and does not work. */
  get logOnPath(): string {
    return this.#settings.forms === '2003' ? '/exchweb/bin/auth/owaauth.dll' : '/owa/auth/owaauth.dll';
  }

  /** The page that asks for the password. */
  pageFor(url: string, reason: number): string {
    const page = this.#settings.forms === '2003' ? '/exchweb/bin/auth/owalogon.asp' : '/owa/auth/logon.aspx';
    return `${page}?url=${encodeURIComponent(url)}&reason=${reason}`;
  }

  /** Takes the form. A wrong password goes back to the page, without cookies. */
  logOn(form: URLSearchParams, origin: string): LogOn {
    const destination = form.get('destination') ?? `${origin}/exchange/`;
    const account = this.#directory.find(form.get('username') ?? '');
    if (account === undefined || account.password !== form.get('password')) {
      return { location: `${origin}${this.pageFor(destination, 2)}`, cookies: [] };
    }
    const trust = Number(form.get('flags') ?? 0) | Number(form.get('trusted') ?? 0);
    const { privateSessionMs, publicSessionMs } = this.#settings;
    const lifeMs = (trust & privateBit) === 0 ? publicSessionMs : privateSessionMs;
    const id = guidText(this.#ports.random.bytes(16));
    const cookies = [`sessionid=${id},0x409; path=/`, this.#cookieOf(this.#open(account, lifeMs))];
    return { location: destination, cookies };
  }

  /** The account of a request's cookies, and a cookie to send along when the session was half over. */
  check(
    cookieHeader: string | undefined,
  ): { readonly account: Account; readonly cookie: string | undefined } | undefined {
    const cookies = readCookies(cookieHeader ?? '');
    const data = cookies.get('cadata');
    const session = data === undefined ? undefined : this.#sessions.get(digest(data));
    if (data === undefined || session === undefined || !cookies.has('sessionid')) return undefined;
    const leftMs = session.untilMs - this.#ports.clock.now();
    if (leftMs <= 0) {
      this.#sessions.delete(digest(data));
      return undefined;
    }
    if (leftMs > session.lifeMs / 2) return { account: session.account, cookie: undefined };
    return { account: session.account, cookie: this.#cookieOf(this.#open(session.account, session.lifeMs)) };
  }

  /** All sessions end at once. */
  endAll(): void {
    this.#sessions.clear();
  }

  #open(account: Account, lifeMs: number): string {
    const data = `2,${Buffer.from(this.#ports.random.bytes(48)).toString('base64')}`;
    this.#sessions.set(digest(data), { account, lifeMs, untilMs: this.#ports.clock.now() + lifeMs });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > sessionsMax && oldest !== undefined) this.#sessions.delete(oldest);
    return data;
  }

  #cookieOf(data: string): string {
    return `cadata="${data}"; HttpOnly; secure; path=/`;
  }
}

const digest = (data: string): string => createHash('sha256').update(data).digest('base64');

function readCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const one of header.split(';')) {
    const equals = one.indexOf('=');
    if (equals > 0)
      cookies.set(
        one.slice(0, equals).trim(),
        one
          .slice(equals + 1)
          .trim()
          .replace(/^"|"$/g, ''),
      );
  }
  return cookies;
}

function guidText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
