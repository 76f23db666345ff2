import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codesOf, find, findAll } from '../../conformance/client.ts';
import { createContact, getItem, idOf, world } from '../../conformance/world.ts';
import { decodedWords, readMime, textOfPart } from './mime-part.ts';

const { call } = await world();

const creating = (mime: string, more = ''): string =>
  `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:MimeContent CharacterSet="UTF-8">${Buffer.from(mime, 'utf8').toString('base64')}</t:MimeContent>${more}</t:Message></m:Items></m:CreateItem>`;

async function read(mime: string, more?: string, bodyType = 'Best') {
  const made = await call(creating(mime, more));
  assert.deepEqual(codesOf(made), ['NoError'], made.text);
  const asked = getItem(idOf(made).id).replace('</t:BaseShape>', `</t:BaseShape><t:BodyType>${bodyType}</t:BodyType>`);
  return (await call(asked)).body;
}

test('a message can be made from its MIME text, and what is said beside it counts more', async () => {
  const mime = [
    'From: =?utf-8?Q?J=C3=BCrgen?= <juergen@example.test>',
    'To: "Archer, Alice" <alice@example.test>, bob@example.test',
    'CC: Carol <carol@example.test>',
    'Subject: =?utf-8?B?R3LDvMOfZQ==?= =?utf-8?Q?_all?=',
    'Date: Tue, 05 Mar 2030 10:00:00 +0100',
    'Message-ID: <1@example.test>',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=FC=DFe, a long =',
    'line',
  ].join('\r\n');
  const item = await read(mime, '<t:Importance>High</t:Importance>');
  assert.equal(find(item, 'Subject')?.text, 'Grüße all');
  assert.equal(find(item, 'Body')?.text, 'Grüße, a long line');
  assert.equal(find(item, 'Importance')?.text, 'High');
  assert.equal(find(item, 'InternetMessageId')?.text, '<1@example.test>');
  const people = (name: string) => findAll(find(item, name), 'EmailAddress').map((one) => one.text);
  assert.deepEqual(people('From'), ['juergen@example.test']);
  assert.deepEqual(people('ToRecipients'), ['alice@example.test', 'bob@example.test']);
  assert.equal(find(find(item, 'ToRecipients'), 'Name')?.text, 'Archer, Alice');
  assert.deepEqual(people('CcRecipients'), ['carol@example.test']);
  assert.equal(find(await read(mime, '<t:Subject>Other</t:Subject>'), 'Subject')?.text, 'Other');
});

test('of several forms of a text the page is taken, and files are attached', async () => {
  const mime = [
    'Subject: parts',
    'Content-Type: multipart/mixed; boundary="outer"',
    '',
    'preamble',
    '--outer',
    'Content-Type: multipart/alternative; boundary=inner',
    '',
    '--inner',
    '',
    'plain',
    '--inner',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('<html><body>page é</body></html>').toString('base64'),
    '--inner--',
    '--outer',
    'Content-Type: application/octet-stream; name="a.bin"',
    'Content-Disposition: attachment; filename="a.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    'AAEC',
    '--outer--',
    'epilogue',
  ].join('\r\n');
  const item = await read(mime);
  assert.equal(find(item, 'Body')?.attributes.BodyType, 'HTML');
  assert.match(find(item, 'Body')?.text ?? '', /page é/);
  assert.equal(find(find(item, 'Attachments'), 'Name')?.text, 'a.bin');
  assert.equal(find(await read(mime, '', 'Text'), 'Body')?.text.trim(), 'page é');
});

test('MIME of anything but a message is refused', async () => {
  assert.deepEqual(
    codesOf(await call(createContact('<t:MimeContent>QUI=</t:MimeContent><t:GivenName>A</t:GivenName>'))),
    ['ErrorUnsupportedMimeConversion'],
  );
});

test('any bytes can be read as MIME, in time that grows with their number', () => {
  const pieces = fc.constantFrom(
    '--b',
    '--b--',
    '\r\n',
    '\n',
    'Content-Type: multipart/mixed; boundary=b',
    ': ',
    '=?utf-8?Q?=',
    '=',
    'a',
    '\r\n\r\n',
    '"',
    '<',
    'é',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
      ),
      (text) => {
        textOfPart(readMime(Buffer.from(text, 'utf8')));
        decodedWords(text);
      },
    ),
  );
  const deep = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'.repeat(20_000);
  const startMs = performance.now();
  readMime(Buffer.from(deep));
  assert.ok(performance.now() - startMs < 2_000);
});
