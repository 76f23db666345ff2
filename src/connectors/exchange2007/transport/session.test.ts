import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import { ntlmProtected } from '#testing/ntlm-server.ts';
import {
  type Answerer,
  answer,
  hangUp,
  type ScriptedServer,
  scriptedServer,
  silence,
} from '#testing/scripted-server.ts';
import { Connections } from '../../transport/connections.ts';
import { md4 } from '../../transport/md4.ts';
import { type Exchange2007Options, settingsOf } from '../options.ts';
import { type DavAnswer, DavSession } from './session.ts';

const good = answer(207, '<?xml version="1.0"?><a:multistatus xmlns:a="DAV:"></a:multistatus>');

interface Running {
  readonly server: ScriptedServer;
  readonly session: DavSession;
  read(): Promise<DavAnswer>;
  write(): Promise<DavAnswer>;
  move(): Promise<DavAnswer>;
}

/** A session against a server with this script; closed when the test ends. */
async function running(
  context: { after(end: () => Promise<void>): void },
  script: readonly Answerer[],
  more: Partial<Exchange2007Options> = {},
): Promise<Running> {
  const server = await scriptedServer(...script);
  const connections = new Connections();
  const settings = settingsOf({
    endpoint: `${new URL(server.url).origin}/exchange`,
    mailbox: 'Ada@Example.test',
    credentials: { kind: 'basic', user: 'EXAMPLE\\svc', password: 'pässword' },
    linkKeyName: 'liaison-link',
    timeouts: { requestMs: 2_000, connectMs: 500 },
    backOff: { firstMs: 40, maxMs: 400, waitMaxMs: 1_000 },
    ...more,
  });
  const session = new DavSession(settings, systemPorts(), connections);
  context.after(async () => {
    await session.close();
    await connections.close();
    await server.close();
  });
  const path = settings.rootPath;
  const body = '<D:propfind xmlns:D="DAV:"/>';
  return {
    server,
    session,
    read: () =>
      session.call({ method: 'PROPFIND', path, body, effect: 'read', subject: 'folder', answersMultistatus: true }),
    write: () => session.call({ method: 'PROPPATCH', path, body, effect: 'write', subject: 'item' }),
    move: () => session.call({ method: 'MOVE', path, effect: 'write', subject: 'item' }),
  };
}

function codeOf(result: DavAnswer): string {
  return result.ok ? 'ok' : `${result.trouble.fault.code}${result.trouble.certain ? '' : '?'}`;
}

const status = (code: number, headers: Readonly<Record<string, string | string[]>> = {}) => answer(code, '', headers);

test('a wrong password, a missing right and a missing folder are three different faults', async (context) => {
  const wrong = await running(context, [status(401, { 'www-authenticate': 'Basic realm="x"' })]);
  assert.equal(codeOf(await wrong.read()), 'authentication.rejected');
  assert.equal(wrong.server.asked.length, 2, 'one look at the directory above, which refuses the account as well');
  assert.equal(codeOf(await wrong.read()), 'authentication.rejected');
  assert.equal(wrong.server.asked.length, 2, 'then nothing is sent any more, or the account would lock');
  const denied = await running(context, [status(403)]);
  assert.equal(codeOf(await denied.read()), 'mailbox.denied');
  assert.equal(codeOf(await denied.write()), 'item.denied');
  const missing = await running(context, [status(404)]);
  assert.equal(codeOf(await missing.read()), 'mailbox.folderGone');
  assert.equal(codeOf(await missing.write()), 'item.gone');
});

test('a mailbox that refuses a good account denies it, and a 401 for nothing passes', async (context) => {
  const isDirectory = ({ path }: { readonly path: string }) => path === '/exchange/';
  const denying: Answerer = (asked, response) => status(isDirectory(asked) ? 403 : 401)(asked, response);
  const denied = await running(context, [denying]);
  assert.equal(codeOf(await denied.read()), 'mailbox.denied');
  assert.equal(codeOf(await denied.write()), 'item.denied');
  const once = await running(context, [status(401), status(403), good]);
  assert.equal(codeOf(await once.read()), 'ok');
});

test('a locked account is left alone at once', async (context) => {
  const { server, read } = await running(context, [answer(401, 'The referenced account is currently locked out')]);
  assert.equal(codeOf(await read()), 'authentication.rejected');
  assert.equal(codeOf(await read()), 'authentication.rejected');
  assert.equal(server.asked.length, 1);
});

const formsAccount = { kind: 'forms', user: 'EXAMPLE\\svc', password: 'p&w=1' } as const;
const welcome = status(302, {
  location: '/exchange/',
  'set-cookie': ['sessionid=fbb50caf,0x409; path=/', 'cadata="2,8JOrhvROIJyk"; HttpOnly; path=/'],
});
const pageAgain = status(302, { location: '/owa/auth/logon.aspx?url=x&reason=2' });

/** Answers by whether the session's cookies came along; `until` requests later the session is over. */
function behindForms(then: Answerer, until = Number.POSITIVE_INFINITY): Answerer {
  let served = 0;
  return (asked, response) => {
    const isSignedIn = asked.headers.cookie?.includes('sessionid=') === true && served < until;
    served += 1;
    return isSignedIn ? then(asked, response) : status(440)(asked, response);
  };
}

test('signing in by form happens before the first request, and its cookies go with all others', async (context) => {
  const { server, read } = await running(context, [welcome, behindForms(good)], { credentials: formsAccount });
  assert.equal(codeOf(await read()), 'ok');
  assert.equal(codeOf(await read()), 'ok');
  assert.deepEqual(
    server.asked.map(({ method, path }) => `${method} ${path}`),
    ['POST /owa/auth/owaauth.dll', 'PROPFIND /exchange/ada@example.test/', 'PROPFIND /exchange/ada@example.test/'],
  );
  const form = new URLSearchParams(server.asked[0]?.body);
  assert.deepEqual([form.get('username'), form.get('password'), form.get('flags')], ['EXAMPLE\\svc', 'p&w=1', '4']);
  assert.match(server.asked[1]?.headers.cookie ?? '', /sessionid=fbb50caf,0x409; cadata="2,8JOrhvROIJyk"/);
});

test('where the form of 2007 is missing, that of 2003 is used', async (context) => {
  const { server, read } = await running(context, [status(404), welcome, behindForms(good)], {
    credentials: formsAccount,
  });
  assert.equal(codeOf(await read()), 'ok');
  assert.equal(server.asked[1]?.path, '/exchweb/bin/auth/owaauth.dll');
});

test('where no form works, that is said and not tried for ever', async (context) => {
  const nothing = await running(context, [status(404)], { credentials: formsAccount });
  assert.equal(codeOf(await nothing.read()), 'server.notExchange');
  assert.equal(nothing.server.asked.length, 2);
  const deaf = await running(context, [status(302, { location: '/owa/auth/logon.aspx?url=x&reason=0' })], {
    credentials: formsAccount,
  });
  assert.equal(codeOf(await deaf.read()), 'server.notExchange');
});

test('a wrong password in the form is tried once and never again', async (context) => {
  const { server, read, write } = await running(context, [pageAgain], { credentials: formsAccount });
  assert.equal(codeOf(await read()), 'authentication.rejected');
  assert.equal(codeOf(await write()), 'authentication.rejected');
  assert.equal(server.asked.length, 1);
});

test('an expired session is renewed in the middle of the work, once for all requests under way', async (context) => {
  let signIns = 0;
  let isExpired = false;
  const byPath: Answerer = (asked, response) => {
    if (asked.method === 'POST') {
      signIns += 1;
      isExpired = false;
      return welcome(asked, response);
    }
    return isExpired ? status(440)(asked, response) : good(asked, response);
  };
  const { read, write } = await running(context, [byPath], { credentials: formsAccount });
  assert.equal(codeOf(await read()), 'ok');
  isExpired = true;
  assert.deepEqual((await Promise.all([read(), read(), read()])).map(codeOf), ['ok', 'ok', 'ok']);
  assert.equal(signIns, 2);
  isExpired = true;
  assert.equal(codeOf(await write()), 'ok', 'nothing behind the form saw the write, so it may go again');
  assert.equal(signIns, 3);
});

test('a session that is over right after signing in means a bad account, not a loop', async (context) => {
  const { server, read } = await running(context, [welcome, status(440), welcome, status(440)], {
    credentials: formsAccount,
  });
  assert.equal(codeOf(await read()), 'authentication.rejected');
  assert.equal(codeOf(await read()), 'authentication.rejected');
  assert.ok(server.asked.length <= 4, `${server.asked.length} requests`);
});

test('a form in the way of another kind of sign-in is named as such', async (context) => {
  const { server, read } = await running(context, [status(440)]);
  assert.equal(codeOf(await read()), 'authentication.rejected');
  assert.equal(server.asked.length, 1);
  const page = await running(context, [status(302, { location: 'https://x/owa/auth/logon.aspx?url=y&reason=0' })]);
  const result = await page.read();
  assert.match(result.ok ? '' : result.trouble.fault.message, /by form/);
});

test('a server that leads to the web client serves the mailbox without WebDAV', async (context) => {
  const { read, write } = await running(context, [status(302, { location: 'https://mail.example.test/owa/' })]);
  assert.equal(codeOf(await read()), 'mailbox.moved');
  assert.equal(codeOf(await write()), 'mailbox.moved');
});

test('NTLM signs in one connection, and nothing that acts without a body goes before', async (context) => {
  const account = { user: 'svc', domain: 'EXAMPLE', passwordHash: md4(Buffer.from('pässword', 'utf16le')) };
  const { answerer } = ntlmProtected(account, good);
  const { server, move, read } = await running(context, [answerer], {
    credentials: { kind: 'ntlm', user: 'EXAMPLE\\svc', password: 'pässword' },
  });
  assert.equal(codeOf(await move()), 'ok');
  assert.equal(codeOf(await read()), 'ok');
  assert.deepEqual(
    server.asked.map(({ method, connection }) => [method, connection]),
    [
      ['GET', 1],
      ['MOVE', 1],
      ['PROPFIND', 1],
    ],
  );
});

test('a busy server is asked once more after the time it wants, but a write only when it surely did not begin', async (context) => {
  const reading = await running(context, [status(503, { 'retry-after': '0' }), good]);
  assert.equal(codeOf(await reading.read()), 'ok');
  const writing = await running(context, [status(503), good]);
  assert.equal(codeOf(await writing.write()), 'budget.exhausted?');
  assert.equal(writing.server.asked.length, 1);
});

test('a broken connection or a failing store repeats a read, and leaves a write unknown', async (context) => {
  for (const trouble of [hangUp, status(500), status(504)]) {
    const reading = await running(context, [trouble, trouble, good]);
    assert.equal(codeOf(await reading.read()), 'ok');
    const writing = await running(context, [trouble, good]);
    assert.match(codeOf(await writing.write()), /^server\.(unreachable|failure)\?$/);
    assert.equal(writing.server.asked.length, 1);
  }
});

test('a server that never answers is given up in time', async (context) => {
  const { read, write } = await running(context, [silence], { timeouts: { requestMs: 200 } });
  assert.equal(codeOf(await read()), 'server.timeout?');
  assert.equal(codeOf(await write()), 'server.timeout?');
});

test('a cut-off, foreign or missing multistatus is never taken for an answer', async (context) => {
  for (const body of [
    '<?xml version="1.0"?><a:multistatus xmlns:a="DAV:"><a:response>',
    '<multistatus/>',
    '<a:error xmlns:a="DAV:"/>',
    '',
  ]) {
    const { read } = await running(context, [answer(207, body)]);
    assert.equal(codeOf(await read()), 'server.garbled?', body);
  }
  const page = await running(context, [answer(200, '<html>hello</html>', { 'content-type': 'text/html' })]);
  assert.equal(codeOf(await page.read()), 'server.notExchange?');
});

test('a brief success may come without a body', async (context) => {
  const { write } = await running(context, [answer(200, '')]);
  const result = await write();
  assert.equal(result.ok && result.value.multistatus, undefined);
  assert.equal(codeOf(result), 'ok');
});
