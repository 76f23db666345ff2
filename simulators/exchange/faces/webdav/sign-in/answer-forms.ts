/** The pages of sign-in by forms, and what is left of the web client: enough for clients that walk through them. */
import type { IncomingMessage } from 'node:http';
import { escapeXml } from '#xml/writer.ts';
import { plainAnswer, type WebdavAnswer } from '../webdav-call.ts';
import type { WebdavSettings } from '../webdav-settings.ts';
import type { FormsDesk } from './forms-desk.ts';

/** Forms larger than this many bytes are refused. */
const formBytesMax = 100_000;

export interface FormsRequest {
  readonly request: IncomingMessage;
  readonly forms: FormsDesk;
  readonly options: { readonly server: { readonly settings: WebdavSettings } };
  readonly method: string;
  readonly path: string;
  readonly origin: string;
  readonly body: Buffer;
  readonly isTls: boolean;
}

export interface FormsAnswer {
  readonly answer: WebdavAnswer;
  readonly cookies: readonly string[];
}

/** Undefined when the request is none of sign-in's business. */
export function answerForms(one: FormsRequest): FormsAnswer | undefined {
  const { forms, method, origin, isTls } = one;
  const path = one.path.toLowerCase();
  const isSignInPath = path.startsWith('/owa') || path.startsWith('/exchweb');
  if (!forms.isOn) return isSignInPath ? webClient(one) : undefined;
  if (!isTls && !one.options.server.settings.formsWithoutTls) return only(plainAnswer(403));
  if (!isSignInPath) return undefined;
  if (path.endsWith('/owaauth.dll')) {
    if (method !== 'POST' || one.body.length > formBytesMax) return only(plainAnswer(405));
    if (path !== forms.logOnPath) return only(redirect(`${origin}${forms.pageFor(`${origin}/exchange/`, 0)}`));
    const { location, cookies } = forms.logOn(new URLSearchParams(one.body.toString('utf8')), origin);
    return { answer: redirect(location), cookies };
  }
  if (path === '/owa/auth/logon.aspx' || path === '/exchweb/bin/auth/owalogon.asp') {
    const isRaw = one.request.headers.translate?.toString().toLowerCase() === 'f';
    return only(isRaw ? plainAnswer(403) : html(logOnPage(one)));
  }
  return webClient(one);
}

/** The web client of a signed-in person: an empty page, which keeps the session alive. */
function webClient(one: FormsRequest): FormsAnswer {
  const { forms, origin, method } = one;
  if (!forms.isOn)
    return only(
      method === 'GET' ? html('<html><head><title>Outlook Web Access</title></head></html>') : plainAnswer(404),
    );
  const session = forms.check(one.request.headers.cookie);
  if (session === undefined) return only(redirect(`${origin}${forms.pageFor(`${origin}${one.path}`, 0)}`));
  const page = '<html><head><title>Outlook Web Access</title></head></html>';
  return { answer: html(page), cookies: session.cookie === undefined ? [] : [session.cookie] };
}

function logOnPage({ forms, origin, request }: FormsRequest): string {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
  const destination = query.get('url') ?? `${origin}/exchange/`;
  const hidden = (name: string, value: string): string =>
    `<input type="hidden" name="${name}" value="${escapeXml(value)}">`;
  return `<html><head><title>Microsoft Exchange - Outlook Web Access</title></head><body><form action="${forms.logOnPath}" method="POST" name="logonForm">${hidden('destination', destination)}${hidden('flags', '0')}<input name="username"><input type="password" name="password"><input type="radio" name="trusted" value="0"><input type="radio" name="trusted" value="4"><input type="submit" name="SubmitCreds" value="Log On"></form></body></html>`;
}

function redirect(location: string): WebdavAnswer {
  return { status: 302, headers: [['Location', location]] };
}

function html(page: string): WebdavAnswer {
  return { status: 200, body: page, contentType: 'text/html; charset=utf-8' };
}

function only(answer: WebdavAnswer): FormsAnswer {
  return { answer, cookies: [] };
}
