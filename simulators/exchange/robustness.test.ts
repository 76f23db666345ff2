import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { systemPorts } from '#ports/system-ports.ts';
import { codesOf, faultCode, find, post, postText, requestText } from './conformance/client.ts';
import { damagedRequest, sampleRequests } from './conformance/sample-requests.ts';
import { createContact, getFolder } from './conformance/world.ts';
import { seededRandom } from './people/seeded-random.ts';
import { type RunningExchange, startExchange } from './start-exchange.ts';

const impatience = { headersMs: 400, requestMs: 800, silenceMs: 1_000, connectionsMax: 3_000 };
const defects: unknown[] = [];
let exchange: RunningExchange;
/** One that soon loses patience with slow clients. */
let impatient: RunningExchange;

before(async () => {
  const log = (event: { readonly event: string }): void => {
    if (event.event === 'exchange.defect') defects.push(event);
  };
  exchange = await startExchange({ ports: systemPorts(log), validateResponses: true });
  impatient = await startExchange({ ports: systemPorts(log), limits: impatience });
});

after(async () => {
  await exchange.close();
  await impatient.close();
  assert.deepEqual(defects, []);
  assert.equal(exchange.control.counters().invalidResponses, 0);
});

const authorization = `Authorization: Basic ${Buffer.from('alice@example.test:alice-pw1').toString('base64')}`;
const head = (more: string): string =>
  `POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: x\r\n${authorization}\r\n${more}\r\n\r\n`;

function open(to: RunningExchange = exchange): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(to.url).port), '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Everything the server says until it closes the connection. */
async function answerOf(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(parts).toString('utf8');
}

async function assertServes(): Promise<void> {
  assert.deepEqual(codesOf(await post(getFolder(), { url: exchange.url })), ['NoError']);
}

/** The one that has no patience serves whoever is quick, though perhaps not while it is busy closing connections. */
async function assertServesQuick(): Promise<void> {
  const text = requestText(getFolder());
  for (let attempt = 1; ; attempt += 1) {
    const answer = await said(
      `${head(`Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close`)}${text}`,
      impatient,
    );
    if (answer.startsWith('HTTP/1.1 200 ')) return;
    assert.ok(attempt < 50, answer);
  }
}

async function said(text: string, to?: RunningExchange): Promise<string> {
  const socket = await open(to);
  const answer = answerOf(socket);
  socket.write(text);
  return answer;
}

test('who sends headers or a body byte by byte is cut off, and others are served meanwhile', async () => {
  const slow = await Promise.all(Array.from({ length: 100 }, () => open(impatient)));
  const starts = [head('Content-Length: 1000'), 'POST /EWS/Exchange.asmx HTTP/1.1\r\nX-A: '];
  const ends = slow.map((socket, index) => {
    socket.write(starts[index % 2] as string);
    return answerOf(socket);
  });
  const dripping = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write('a');
  }, 50);
  await assertServesQuick();
  try {
    for (const answer of await Promise.all(ends)) assert.equal(answer, '');
  } finally {
    clearInterval(dripping);
  }
});

test('two thousand idle connections cost little and are closed in time; beyond the limit there are no more', async () => {
  const before = process.memoryUsage().rss;
  const idle = await Promise.all(Array.from({ length: 2_000 }, () => open(impatient)));
  await assertServesQuick();
  assert.ok(process.memoryUsage().rss - before < 300 * 1024 * 1024);
  const more = await Promise.all(Array.from({ length: 1_200 }, () => open(impatient).catch(() => undefined)));
  await Promise.all([...idle, ...more].map((socket) => (socket === undefined ? '' : answerOf(socket))));
  await assertServesQuick();
});

test('a body that is said or found to be too large is refused without being kept', async () => {
  assert.match(await said(head('Content-Length: 70000000')), /^HTTP\/1\.1 413 /);
  const socket = await open();
  const answer = answerOf(socket);
  const megabyte = 'x'.repeat(1_048_576);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(head('Transfer-Encoding: chunked'));
  for (let count = 0; count < 80 && socket.writable; count += 1) {
    if (!socket.write(`100000\r\n${megabyte}\r\n`))
      await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
  }
  assert.match(await answer, /^HTTP\/1\.1 413 |^$/);
  await assertServes();
});

test('nobody without a sign-in gets a body kept, whatever its size', async () => {
  const answer = await said(
    'POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\nxx',
    impatient,
  );
  assert.match(answer, /^HTTP\/1\.1 401 /);
});

test('what is no HTTP is answered by 400 and a closed connection', async () => {
  for (const nonsense of [
    'nonsense\r\n\r\n',
    `${head('Transfer-Encoding: chunked')}zz\r\n`,
    `${head('Content-Length: 5\r\nTransfer-Encoding: chunked')}0\r\n\r\n`,
    head('Content-Length: -5'),
    head(`X-Long: ${'a'.repeat(100_000)}`),
  ]) {
    const answer = await said(nonsense);
    assert.match(answer, /HTTP\/1\.1 400 Bad Request\r\n/, nonsense.slice(0, 40));
    assert.match(answer, /Server: Microsoft-HTTPAPI\/2\.0\r\nConnection: close/);
  }
  await assertServes();
});

test('requests sent without waiting for answers are answered in their order', async () => {
  const socket = await open();
  const answer = answerOf(socket);
  const folders = ['contacts', 'calendar', 'tasks', 'inbox'];
  const all = Array.from({ length: 40 }, (_, index) => requestText(getFolder(folders[index % 4], 'Default')));
  const lines = (index: number, text: string): string =>
    `Content-Length: ${Buffer.byteLength(text)}${index === all.length - 1 ? '\r\nConnection: close' : ''}`;
  socket.write(all.map((text, index) => `${head(lines(index, text))}${text}`).join(''));
  const names = [...(await answer).matchAll(/<t:DisplayName>(\w+)</g)].map(([, name]) => name?.toLowerCase());
  assert.deepEqual(
    names,
    all.map((_, index) => folders[index % 4]),
  );
});

test('documents that would grow, nest or declare without end are refused quickly as schema faults', async () => {
  const lol = Array.from({ length: 30 }, (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};&e${n};">`).join('');
  const bomb = `<!DOCTYPE s [<!ENTITY e0 "ha">${lol}]><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>&e30;</s:Body></s:Envelope>`;
  const deep = requestText(`${'<t:Not>'.repeat(200_000)}${'</t:Not>'.repeat(200_000)}`);
  const wide = requestText(`<m:GetItem ${Array.from({ length: 50_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`);
  const unclosed = requestText('<m:GetItem>'.repeat(100_000));
  const longName = requestText(`<m:${'G'.repeat(2_000_000)}/>`);
  const files = '<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><s>&f;</s>';
  for (const text of [bomb, deep, wide, unclosed, longName, files, '', '<', '\u0000']) {
    const startMs = performance.now();
    const reply = await postText(text, { url: exchange.url });
    assert.equal(reply.status, 500);
    assert.equal(faultCode(reply), 'ErrorSchemaValidation');
    assert.ok(reply.text.length < 5_000_000 && !reply.text.includes('root:'));
    assert.ok(performance.now() - startMs < 3_000, text.slice(0, 40));
  }
});

test('an operation that no Exchange has is a schema fault that names it', async () => {
  const reply = await post('<m:MakeCoffee/>', { url: exchange.url });
  assert.equal(reply.status, 500);
  assert.match(reply.text, /Could not find schema information for the element '[^']*:MakeCoffee'/);
});

test('streams whose clients left, or do not read, are given up', async () => {
  const events = ['CreatedEvent', 'ModifiedEvent'].map((one) => `<t:EventType>${one}</t:EventType>`).join('');
  const subscribe = `<m:Subscribe><m:StreamingSubscriptionRequest SubscribeToAllFolders="true"><t:EventTypes>${events}</t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`;
  const ids = await Promise.all(
    Array.from(
      { length: 50 },
      async () => find((await post(subscribe, { url: exchange.url })).body, 'SubscriptionId')?.text,
    ),
  );
  const sockets = await Promise.all(ids.map(() => open()));
  for (const [index, socket] of sockets.entries()) {
    const text = requestText(
      `<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>${ids[index]}</t:SubscriptionId></m:SubscriptionIds><m:ConnectionTimeout>30</m:ConnectionTimeout></m:GetStreamingEvents>`,
    );
    socket.write(`${head(`Content-Length: ${Buffer.byteLength(text)}`)}${text}`);
  }
  await Promise.all(sockets.map((socket) => once(socket, 'readable')));
  const served = (): number => ids.filter((id) => exchange.subscriptions.find(id ?? '')?.takeOver !== undefined).length;
  assert.equal(served(), 50);
  // The last two are not read any more, and stay open.
  for (const socket of sockets.slice(0, 48)) socket.destroy();
  const many = createContact('<t:GivenName>A</t:GivenName>').replace(/<t:Contact>.*<\/t:Contact>/, (one) =>
    one.repeat(100),
  );
  for (let count = 0; served() > 0 && count < 400; count += 1) await post(many, { url: exchange.url });
  assert.equal(served(), 0);
  assert.ok(sockets.slice(48).every((socket) => !socket.closed));
});

test('requests damaged anywhere get an answer or a closed connection, never a defect, and harm nobody', async () => {
  const random = seededRandom(20_261_128);
  const pick = (below: number): number => Math.floor(random.fraction() * below);
  const texts = sampleRequests.map((one) => {
    const text = requestText(one);
    return Buffer.from(`${head(`Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close`)}${text}`);
  });
  for (let round = 0; round < 20; round += 1) {
    const answers = Array.from({ length: 20 }, async () => {
      const bytes = Buffer.from(texts[pick(texts.length)] as Buffer);
      for (let count = 1 + pick(4); count > 0; count -= 1) bytes[pick(bytes.length)] = pick(256);
      const socket = await open();
      const answer = answerOf(socket);
      socket.end(bytes.subarray(0, random.fraction() < 0.2 ? pick(bytes.length) : bytes.length));
      return answer;
    });
    for (const answer of await Promise.all(answers)) assert.match(answer, /^(?:HTTP\/1\.1 \d{3} |$)/);
  }
  assert.deepEqual(defects, []);
  await assertServes();
});

test('well-formed requests of unexpected content are refused or carried out, never a defect', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sampleRequests),
      fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 6), fc.nat(400), fc.nat(400)), { minLength: 1, maxLength: 3 }),
      async (request, damages) => {
        const text = damages.reduce((markup, [kind, at, other]) => damagedRequest(markup, kind, at, other), request);
        const reply = await post(text, { url: exchange.url });
        assert.ok(reply.status === 200 || faultCode(reply) !== undefined, reply.text);
        assert.deepEqual(defects, [], text);
      },
    ),
    { numRuns: 400, seed: 7 },
  );
});
