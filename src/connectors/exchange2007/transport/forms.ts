/**
 * Forms-based sign-in of Outlook Web Access: a POST of name and password is answered with the cookies of a session. 2007 and
 * 2003 have the form at different addresses; the one of 2003 also exists on 2007, where it does not work.
 */
import type { HttpAnswer } from '../../transport/http.ts';
import type { WebDavCredentials } from '../options.ts';

/** In the order they are tried. */
export const signInPaths: readonly string[] = ['/owa/auth/owaauth.dll', '/exchweb/bin/auth/owaauth.dll'];

/** A private computer: sessions last a day instead of a quarter of an hour. */
const privateComputer = '4';

/** The body of the POST; `destination` is the URL wanted after signing in. */
export function signInForm(credentials: WebDavCredentials, destination: string): string {
  return new URLSearchParams({
    destination,
    flags: privateComputer,
    username: credentials.user,
    password: credentials.password,
    SubmitCreds: 'Log On',
    trusted: privateComputer,
  }).toString();
}

/**
 * What the answer to the form means. `absent`: there is no such form here, or it leads to the page as if nothing had been
 * sent. `refused`: name or password is wrong, which comes as another look at the page, without cookies.
 */
export type FormOutcome = 'signedIn' | 'refused' | 'absent' | 'trouble';

export function formOutcome(answer: HttpAnswer): FormOutcome {
  const { status } = answer;
  if (status === 404 || status === 405 || status === 403 || status === 501) return 'absent';
  if (status >= 500) return 'trouble';
  if (setsSession(answer.headers['set-cookie'] ?? [])) return 'signedIn';
  return /[?&]reason=0\b/i.test(answer.headers.location ?? '') ? 'absent' : 'refused';
}

/** Both cookies of a session, of which `cadata` may come in numbered parts. */
function setsSession(cookies: readonly string[]): boolean {
  const has = (prefix: string) => cookies.some((cookie) => new RegExp(`^\\s*${prefix}[^=;]*=[^;]`, 'i').test(cookie));
  return has('sessionid') && has('cadata');
}
