/** Which path is answered by what. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerControl, type Controlled } from './control/control-api.ts';
import { answerAutodiscover } from './faces/autodiscover/answer-autodiscover.ts';
import { answerWebdav, isWebdavPath, type WebdavHttpOptions } from './faces/webdav/answer-webdav.ts';
import { answerEws, type EwsHttpOptions } from './http.ts';
import type { Population } from './people/population.ts';
import type { TokenDesk } from './sign-in/tokens.ts';

export interface Routes {
  readonly ews: EwsHttpOptions;
  readonly webdav: WebdavHttpOptions;
  readonly tokens: TokenDesk;
  readonly people: Population;
  readonly moveMailbox: Controlled['moveMailbox'];
  /** Serve /control. */
  readonly hasControlApi: boolean;
  /** What autodiscover tells everybody. */
  ewsUrl(): string;
  health(): unknown;
}

/** Token requests larger than this many characters are cut off. */
const formLengthMax = 100_000;

/** Answers any request. */
export async function answerRequest(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  if (!URL.canParse(request.url ?? '/', 'http://localhost')) {
    response.writeHead(400, { 'content-length': 0 }).end();
    return;
  }
  const path = (request.url ?? '/').split('?')[0]?.toLowerCase() ?? '/';
  const { server, desk } = routes.ews;
  if (path === '/ews/exchange.asmx') await answerEws(request, response, routes.ews);
  else if (isWebdavPath(path)) await answerWebdav(request, response, routes.webdav);
  else if (path.startsWith('/autodiscover/')) {
    await answerAutodiscover(request, response, server, desk, routes.ewsUrl());
  } else if (path.endsWith('/oauth2/v2.0/token') || path.endsWith('/oauth2/token')) {
    const { status, body } = routes.tokens.issue(await readForm(request));
    json(response, status, body);
  } else if (routes.hasControlApi && path.startsWith('/control/')) {
    await answerControl(request, response, {
      control: server.control,
      truth: server.truth,
      people: routes.people,
      moveMailbox: routes.moveMailbox,
    });
  } else if (path === '/health') json(response, 200, routes.health());
  else if (path === '/') response.writeHead(302, { location: '/owa/', 'content-length': 0 }).end();
  else response.writeHead(404, { 'content-length': 0 }).end();
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (text.length < formLengthMax) text += chunk.toString('utf8');
  }
  return new URLSearchParams(text);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
