import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { LogEvent } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { response, soapFault, success } from '#testing/ews-answers.ts';
import {
  type Answerer,
  answer,
  hangUp,
  type ScriptedServer,
  scriptedServer,
  silence,
} from '#testing/scripted-server.ts';
import { xml } from '#xml/writer.ts';
import { Connections } from '../../transport/connections.ts';
import { answerBytesMax } from '../../transport/http.ts';
import { type EwsOptions, settingsOf } from '../options.ts';
import { type EwsAnswer, EwsSession } from './session.ts';

const good = answer(200, response('GetFolder', success('GetFolder', '<m:Folders/>')));

interface Running {
  readonly server: ScriptedServer;
  readonly session: EwsSession;
  readonly log: readonly LogEvent[];
  read(): Promise<EwsAnswer>;
  write(): Promise<EwsAnswer>;
}

/** A session against a server with this script; closed when the test ends. */
async function running(
  context: { after(end: () => Promise<void>): void },
  script: readonly Answerer[],
  more: Partial<EwsOptions> = {},
): Promise<Running> {
  const server = await scriptedServer(...script);
  const connections = new Connections();
  const log: LogEvent[] = [];
  const settings = settingsOf({
    endpoint: server.url,
    mailbox: 'Ada@Example.test',
    credentials: { kind: 'basic', user: 'EXAMPLE\\svc', password: 'pässword' },
    impersonate: true,
    linkKeyName: 'liaison-link',
    timeouts: { requestMs: 2_000, connectMs: 500 },
    backOff: { firstMs: 40, maxMs: 400, waitMaxMs: 1_000 },
    ...more,
  });
  const session = new EwsSession(
    settings,
    systemPorts((event) => log.push(event)),
    connections,
  );
  context.after(async () => {
    await session.close();
    await connections.close();
    await server.close();
  });
  const call = (effect: 'read' | 'write') => () =>
    session.call({ operation: 'GetFolder', effect, body: xml`<m:GetFolder/>` });
  return { server, session, log, read: call('read'), write: call('write') };
}

function troubleOf(given: EwsAnswer): {
  code: string;
  certain: boolean;
  source: string | undefined;
  retryAfterMs: number | undefined;
} {
  assert.ok(!given.ok, 'expected trouble');
  const { fault, certain } = given.trouble;
  return { code: fault.code, certain, source: fault.source, retryAfterMs: fault.retryAfterMs };
}

test('a request carries version, impersonated mailbox, anchor, credentials and a fresh request id (IMP-05)', async (context) => {
  const { server, read } = await running(context, [good]);
  await read();
  await read();
  const [first, second] = server.asked;
  assert.ok(first && second);
  assert.match(first.body, /<t:RequestServerVersion Version="Exchange2010_SP2"\/>/);
  assert.match(first.body, /<t:PrimarySmtpAddress>ada@example\.test<\/t:PrimarySmtpAddress>/);
  assert.equal(first.headers['x-anchormailbox'], 'ada@example.test');
  assert.equal(first.headers.authorization, `Basic ${Buffer.from('EXAMPLE\\svc:pässword').toString('base64')}`);
  assert.match(String(first.headers['client-request-id']), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.notEqual(first.headers['client-request-id'], second.headers['client-request-id']);
  assert.equal(first.connection, second.connection, 'the connection is kept');
});

test('each mailbox keeps its own cookies (IMP-05)', async (context) => {
  const { server, read } = await running(context, [
    answer(200, response('GetFolder'), {
      'set-cookie': ['exchangecookie=abc; path=/', 'X-BackEndCookie=b; path=/EWS'],
    }),
    good,
  ]);
  await read();
  await read();
  assert.equal(server.asked[0]?.headers.cookie, undefined);
  assert.equal(server.asked[1]?.headers.cookie, 'exchangecookie=abc; X-BackEndCookie=b');
});

test('an HTTP 500 with a SOAP fault is that fault, not a broken server (ENV-09)', async (context) => {
  const { server, write } = await running(context, [answer(500, soapFault('ErrorImpersonateUserDenied'))]);
  assert.deepEqual(troubleOf(await write()), {
    code: 'mailbox.denied',
    certain: true,
    source: 'ErrorImpersonateUserDenied',
    retryAfterMs: undefined,
  });
  assert.equal(server.asked.length, 1);
});

test('a fault is read under any HTTP status', async (context) => {
  for (const status of [200, 400, 403, 503]) {
    const { write } = await running(context, [answer(status, soapFault('ErrorNonExistentMailbox'))]);
    assert.equal(troubleOf(await write()).code, 'mailbox.notFound', String(status));
  }
});

test('a redirect to an error page is tried again by a read, never followed, and leaves a write unknown (ENV-10)', async (context) => {
  const redirect = answer(302, '', { location: '/ews/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx' });
  const reading = await running(context, [redirect, good]);
  assert.ok((await reading.read()).ok);
  assert.deepEqual(
    reading.server.asked.map(({ path }) => path),
    ['/EWS/Exchange.asmx', '/EWS/Exchange.asmx'],
  );
  const writing = await running(context, [redirect, good]);
  assert.deepEqual(troubleOf(await writing.write()), {
    code: 'server.failure',
    certain: false,
    source: 'HTTP 302',
    retryAfterMs: undefined,
  });
});

test('a closed connection is tried again by a read and leaves a write unknown (THR-03)', async (context) => {
  const reading = await running(context, [hangUp, good]);
  assert.ok((await reading.read()).ok);
  const writing = await running(context, [hangUp, good]);
  const trouble = troubleOf(await writing.write());
  assert.equal(trouble.code, 'server.unreachable');
  assert.equal(trouble.certain, false);
  assert.equal(writing.server.asked.length, 1, 'a write is never repeated');
});

test('a connection cut in the middle of the answer leaves a write unknown', async (context) => {
  const cut: Answerer = ({ socket }, reply) => {
    reply.writeHead(200, { 'content-type': 'text/xml' });
    reply.write(response('GetFolder', success('GetFolder', '<m:Folders/>')).slice(0, 300), () => socket.destroy());
  };
  const { write } = await running(context, [cut]);
  assert.equal(troubleOf(await write()).certain, false);
});

test('an answer that says its length and breaks off is not taken for whole', async (context) => {
  const short: Answerer = ({ socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 5000\r\n\r\n${response('GetFolder')}`);
  };
  const { write } = await running(context, [short]);
  assert.equal(troubleOf(await write()).certain, false);
});

test('one 401 is answered by one new sign-in; a second one stops everything at once (THR-03)', async (context) => {
  const once = await running(context, [answer(401, ''), good]);
  assert.ok((await once.write()).ok);
  const twice = await running(context, [answer(401, '')]);
  assert.deepEqual(troubleOf(await twice.write()).code, 'authentication.rejected');
  assert.equal(twice.server.asked.length, 2);
  assert.equal(troubleOf(await twice.read()).code, 'authentication.rejected');
  assert.equal(twice.server.asked.length, 2, 'nothing more is sent with a credential that was refused twice');
});

test('requests refused together under load count as one refusal, and recover', async (context) => {
  const { server, read } = await running(context, [answer(401, ''), answer(401, ''), answer(401, ''), good], {
    requestsMax: 3,
  });
  const results = await Promise.all([read(), read(), read()]);
  assert.ok(results.every(({ ok }) => ok));
  assert.equal(server.asked.length, 6);
});

test('a wrong password is never sent more often than the requests under way and one more round', async (context) => {
  const { server, read } = await running(context, [answer(401, '')], { requestsMax: 2 });
  const results = await Promise.all(Array.from({ length: 20 }, read));
  assert.ok(results.every((one) => troubleOf(one).code === 'authentication.rejected'));
  assert.ok(server.asked.length <= 4, String(server.asked.length));
});

test('several requests that meet a version the server does not speak lower it once', async (context) => {
  const refused = answer(500, soapFault('ErrorInvalidServerVersion'));
  const { session, read } = await running(context, [refused, refused, refused, good], {
    requestVersion: 'Exchange2016',
    requestsMax: 3,
  });
  const results = await Promise.all([read(), read(), read()]);
  assert.ok(results.every(({ ok }) => ok));
  assert.equal(session.version, 'Exchange2010_SP2');
});

test('an expired password is not tried again', async (context) => {
  const { server, read } = await running(context, [answer(500, soapFault('ErrorPasswordExpired'))]);
  assert.equal(troubleOf(await read()).code, 'authentication.rejected');
  assert.equal(server.asked.length, 1);
});

test('a locked account is not tried a second time', async (context) => {
  const { server, read } = await running(context, [
    answer(401, 'The referenced account is currently locked out', { 'content-type': 'text/html' }),
  ]);
  assert.equal(troubleOf(await read()).code, 'authentication.rejected');
  assert.equal(troubleOf(await read()).code, 'authentication.rejected');
  assert.equal(server.asked.length, 1);
});

test('a version the server does not speak is lowered and stays so for the mailbox (ENV-06)', async (context) => {
  const { server, session, write } = await running(
    context,
    [answer(500, soapFault('ErrorInvalidServerVersion')), good],
    { requestVersion: 'Exchange2016' },
  );
  assert.ok((await write()).ok);
  assert.ok((await write()).ok);
  const versions = server.asked.map(({ body }) => /Version="([^"]+)"/.exec(body)?.[1]);
  assert.deepEqual(versions, ['Exchange2016', 'Exchange2010_SP2', 'Exchange2010_SP2']);
  assert.equal(session.version, 'Exchange2010_SP2');
});

test('a mailbox whose server speaks none of our versions says so after trying each once', async (context) => {
  const { server, read } = await running(context, [
    answer(500, soapFault('ErrorInvalidSchemaVersionForMailboxVersion')),
  ]);
  assert.equal(troubleOf(await read()).code, 'server.version');
  assert.equal(server.asked.length, 3);
});

test('an address that is not the primary one is corrected once (IMP-02)', async (context) => {
  const wrong = answer(500, soapFault('ErrorNonPrimarySmtpAddress', { Primary: 'ada.lovelace@example.test' }));
  const { server, read } = await running(context, [wrong, good]);
  assert.ok((await read()).ok);
  assert.match(server.asked[1]?.body ?? '', /<t:PrimarySmtpAddress>ada\.lovelace@example\.test</);
  assert.equal(server.asked[1]?.headers['x-anchormailbox'], 'ada.lovelace@example.test');
  const still = await running(context, [wrong]);
  assert.equal(troubleOf(await still.read()).code, 'mailbox.notFound');
  assert.equal(still.server.asked.length, 2);
});

test('a busy server is left alone for as long as it asks, then asked once more (THR-02)', async (context) => {
  const times: number[] = [];
  const busy: Answerer = (asked, reply) => {
    times.push(performance.now());
    return answer(500, soapFault('ErrorServerBusy', { BackOffMilliseconds: '250' }))(asked, reply);
  };
  const then: Answerer = (asked, reply) => {
    times.push(performance.now());
    return good(asked, reply);
  };
  const { read, write } = await running(context, [busy, then]);
  const both = await Promise.all([write(), new Promise((resolve) => setTimeout(resolve, 100)).then(() => read())]);
  assert.ok(both.every(({ ok }) => ok));
  for (const later of times.slice(1))
    assert.ok(later - (times[0] ?? 0) >= 249, `came back after ${later - (times[0] ?? 0)} ms`);
  assert.equal(times.length, 3);
});

test('requests that queued up before the server got busy wait for it as well', async (context) => {
  const times: number[] = [];
  const noted =
    (then: Answerer): Answerer =>
    (asked, reply) => {
      times.push(performance.now());
      return then(asked, reply);
    };
  const busy = answer(500, soapFault('ErrorServerBusy', { BackOffMilliseconds: '200' }));
  const { read } = await running(context, [noted(busy), noted(good)], { requestsMax: 1 });
  const results = await Promise.all(Array.from({ length: 6 }, read));
  assert.ok(results.every(({ ok }) => ok));
  assert.equal(times.length, 7);
  for (const later of times.slice(1)) assert.ok(later - (times[0] ?? 0) >= 199);
});

test('a wait too long for a request is handed on with its time, and nothing is sent before it is over', async (context) => {
  const { server, read, log } = await running(context, [
    answer(500, soapFault('ErrorServerBusy', { BackOffMilliseconds: '297749' })),
  ]);
  const first = troubleOf(await read());
  assert.equal(first.code, 'budget.exhausted');
  assert.ok((first.retryAfterMs ?? 0) > 290_000);
  const second = troubleOf(await read());
  assert.equal(second.code, 'budget.exhausted');
  assert.ok(second.certain);
  assert.ok((second.retryAfterMs ?? 0) > 290_000);
  assert.equal(server.asked.length, 1);
  assert.equal(log.filter(({ event }) => event === 'ews.throttled').length, 1);
});

test('a busy server that names no time, or zero, is left alone for our own minimum (THR-04)', async (context) => {
  for (const values of [{}, { BackOffMilliseconds: '0' }]) {
    const { read, server } = await running(context, [answer(500, soapFault('ErrorServerBusy', values))], {
      backOff: { firstMs: 60_000, waitMaxMs: 1_000 },
    });
    const trouble = troubleOf(await read());
    assert.ok((trouble.retryAfterMs ?? 0) >= 29_000);
    assert.equal(server.asked.length, 1);
  }
});

test('HTTP 503 holds back with and without Retry-After, and leaves a write unknown (THR-03)', async (context) => {
  const named = await running(context, [
    answer(503, 'Service Unavailable', { 'content-type': 'text/html', 'retry-after': '120' }),
  ]);
  const trouble = troubleOf(await named.write());
  assert.equal(trouble.code, 'budget.exhausted');
  assert.equal(trouble.certain, false);
  assert.equal(trouble.retryAfterMs, 120_000);
  const unnamed = await running(context, [answer(503, ''), good]);
  assert.ok((await unnamed.read()).ok, 'a read comes back after the first wait');
});

test('an HTML page under status 200 or 500 is no answer, and leaves a write unknown', async (context) => {
  const page = '<!DOCTYPE html><html><head><title>Outlook</title></head><body><p>Sign in<br></body></html>';
  const login = await running(context, [answer(200, page, { 'content-type': 'text/html' })]);
  assert.deepEqual(troubleOf(await login.write()), {
    code: 'server.notExchange',
    certain: false,
    source: 'HTTP 200',
    retryAfterMs: undefined,
  });
  const crash = await running(context, [
    answer(500, "<html><body><h1>Server Error in '/EWS' Application.</h1></body></html>", {
      'content-type': 'text/html',
      'x-caserrorcode': 'ServerNotFound',
    }),
  ]);
  assert.deepEqual(troubleOf(await crash.write()), {
    code: 'server.failure',
    certain: false,
    source: 'HTTP 500 ServerNotFound',
    retryAfterMs: undefined,
  });
});

test('a truncated answer under status 200 is garbled, and leaves a write unknown', async (context) => {
  const { write } = await running(context, [
    answer(200, response('GetFolder', success('GetFolder', '<m:Folders/>')).slice(0, -20)),
  ]);
  assert.deepEqual(troubleOf(await write()), {
    code: 'server.garbled',
    certain: false,
    source: 'HTTP 200',
    retryAfterMs: undefined,
  });
});

test('the answer to another operation is not taken', async (context) => {
  const { write } = await running(context, [answer(200, response('GetItem'))]);
  assert.equal(troubleOf(await write()).code, 'server.garbled');
});

test('a server that stays silent is given up, and leaves a write unknown', async (context) => {
  const { write } = await running(context, [silence], { timeouts: { requestMs: 150 } });
  assert.deepEqual(troubleOf(await write()), {
    code: 'server.timeout',
    certain: false,
    source: 'TIMEOUT',
    retryAfterMs: undefined,
  });
});

test('a server that trickles is given up at the same time', async (context) => {
  const trickle: Answerer = (_asked, reply) => {
    reply.writeHead(200, { 'content-type': 'text/xml' });
    const drip = setInterval(() => reply.write(' '), 20);
    reply.on('close', () => clearInterval(drip));
  };
  const { write } = await running(context, [trickle], { timeouts: { requestMs: 200 } });
  assert.equal(troubleOf(await write()).code, 'server.timeout');
});

test('a server that cannot be reached has certainly done nothing', async (context) => {
  const { write, server } = await running(context, [good]);
  await server.close();
  assert.deepEqual(troubleOf(await write()), {
    code: 'server.unreachable',
    certain: true,
    source: 'ECONNREFUSED',
    retryAfterMs: undefined,
  });
});

test('answers in pieces of one byte, compressed, with a byte order mark or with other prefixes read the same (ENV-12, ENV-13)', async (context) => {
  const text = response(
    'GetFolder',
    success('GetFolder', '<m:Folders><t:Folder><t:DisplayName>Größe 🙂</t:DisplayName></t:Folder></m:Folders>'),
  );
  const pieces: Answerer = async (_asked, reply) => {
    reply.writeHead(200, { 'content-type': 'text/xml' });
    for (const byte of Buffer.from(text)) {
      reply.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    reply.end();
  };
  const compressed: Answerer = (asked, reply) => {
    assert.match(String(asked.headers['accept-encoding']), /gzip/);
    reply.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' });
    reply.end(gzipSync(text));
  };
  const renamed = text
    .replaceAll('<m:', '<')
    .replaceAll('</m:', '</')
    .replace('xmlns:m=', 'xmlns=')
    .replaceAll(/<(\/?)s:/g, '<$1soap11:')
    .replace('xmlns:s=', 'xmlns:soap11=');
  const { read } = await running(context, [
    good,
    pieces,
    compressed,
    answer(200, `\ufeff${text}`),
    answer(200, text.replace('Größe 🙂', '<![CDATA[Größe 🙂]]>')),
    answer(200, renamed),
  ]);
  await read();
  for (const form of ['pieces', 'compressed', 'byte order mark', 'CDATA', 'other prefixes']) {
    const result = await read();
    assert.ok(result.ok, form);
    const name = result.element.children[0]?.children[0]?.children[1]?.children[0]?.children[0];
    assert.equal(name?.text, 'Größe 🙂', form);
  }
});

test('an answer compressed in an unknown way or broken is not taken', async (context) => {
  const odd =
    (encoding: string, body: Buffer): Answerer =>
    (_asked, reply) => {
      reply.writeHead(200, { 'content-encoding': encoding });
      reply.end(body);
    };
  const { write } = await running(context, [
    odd('br', Buffer.from('x')),
    odd('gzip', gzipSync('x'.repeat(500)).subarray(0, 20)),
  ]);
  assert.equal(troubleOf(await write()).code, 'server.garbled');
  assert.equal(troubleOf(await write()).code, 'server.garbled');
});

test('an answer that unpacks to more than any answer may be is not taken', async (context) => {
  const bomb = gzipSync(Buffer.alloc(answerBytesMax + 1, 0x20));
  const { write } = await running(context, [
    (_asked, reply) => {
      reply.writeHead(200, { 'content-encoding': 'gzip' });
      reply.end(bomb);
    },
  ]);
  assert.equal(troubleOf(await write()).code, 'server.garbled');
});

test('a mailbox never has more requests under way than it may (THR-01)', async (context) => {
  let now = 0;
  let most = 0;
  const slow: Answerer = async (asked, reply) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now -= 1;
    await good(asked, reply);
  };
  const { read } = await running(context, [slow], { requestsMax: 3 });
  await Promise.all(Array.from({ length: 12 }, read));
  assert.equal(most, 3);
});

test('closing ends a request that waits for a busy server', async (context) => {
  const { read, session } = await running(context, [
    answer(500, soapFault('ErrorServerBusy', { BackOffMilliseconds: '900' })),
  ]);
  const waiting = read();
  setTimeout(() => void session.close(), 50);
  assert.equal(troubleOf(await waiting).code, 'budget.exhausted');
});

test('the server tells its build and its clock', async (context) => {
  const { read, session } = await running(context, [
    answer(200, response('GetFolder'), { date: new Date(Date.now() + 3_600_000).toUTCString() }),
  ]);
  await read();
  assert.equal(session.build?.build, 2562);
  assert.ok(Math.abs((session.clockOffsetMs ?? 0) - 3_600_000) < 2_000);
});
