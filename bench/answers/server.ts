/**
 * A server of ready-made answers, in a process of its own, so that a client's cost can be measured with nothing in the way.
 * It validates nothing and reads of a request only the operation, the folder or state, and the ids. Says where it is on
 * standard output; ends with its standard input. `GET /requests` answers the bodies posted since the last `DELETE /requests`.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { contentOf, standardCounts } from '../lib/content.ts';
import { drawFrom } from '../lib/draw.ts';
import { mailboxAnswers } from './mailbox.ts';
import { changeKeyOf, envelopeOf, itemIdOf, successOf, syncStateOf } from './wire.ts';

const pageItemsMax = 512;
/** A create is answered with as many new items as it holds, up to this. */
const createItemsMax = 100;
const draw = drawFrom(23);
const mailbox = mailboxAnswers(contentOf(standardCounts));
const distinguished: Readonly<Record<Kind, string>> = { contact: 'contacts', event: 'calendar', task: 'tasks' };
const elements: Readonly<Record<Kind, string>> = { contact: 'Contact', event: 'CalendarItem', task: 'Task' };
const folderElements: Readonly<Record<string, string>> = {
  contacts: 'ContactsFolder',
  calendar: 'CalendarFolder',
  tasks: 'TasksFolder',
};

const getItem = bytesOf('GetItem');
const pages = syncPages();
const creations = createAnswers();
const configuration = whole(
  'GetUserConfiguration',
  '<m:UserConfiguration><t:UserConfigurationName Name="OWA.UserOptions"><t:DistinguishedFolderId Id="root"/></t:UserConfigurationName><t:Dictionary><t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>timezone</t:Value></t:DictionaryKey><t:DictionaryValue><t:Type>String</t:Type><t:Value>W. Europe Standard Time</t:Value></t:DictionaryValue></t:DictionaryEntry></t:Dictionary></m:UserConfiguration>',
);
const folders = new Map([...kinds.map((kind) => distinguished[kind]), 'root', 'msgfolderroot'].map(folderAnswer));

let requests: string[] = [];

const server = createServer((request, response) => void serve(request, response));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
process.stdin.resume().on('end', () => process.exit());

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  if (request.url === '/requests') {
    response.end(request.method === 'DELETE' ? '' : JSON.stringify(requests));
    if (request.method === 'DELETE') requests = [];
    return;
  }
  requests.push(body);
  const answer = answerOf(body);
  response.writeHead(answer === undefined ? 500 : 200, {
    'cache-control': 'private',
    'transfer-encoding': 'chunked',
    'content-type': 'text/xml; charset=utf-8',
    'request-id': '8c1c7a55-8a41-4b3e-9a39-1f2ad2a3b6c5',
    'x-calculatedbetarget': 'mail.example.test',
    'x-diaginfo': 'MAIL',
    'x-beserver': 'MAIL',
    'x-powered-by': 'ASP.NET',
  });
  response.end(answer ?? 'not prepared');
}

function answerOf(body: string): Buffer | undefined {
  const operation = operationOf(body);
  switch (operation) {
    case 'GetItem':
      return itemsOf(body);
    case 'SyncFolderItems':
      return pages.get(between(body, '<m:SyncState>', '<') ?? folderOf(body));
    case 'CreateItem':
      return creations.get(createdKind(body))?.[createdCount(body)];
    case 'GetUserConfiguration':
      return configuration;
    case 'GetFolder':
      return folders.get(folderOf(body));
    default:
      process.stderr.write(`not prepared: ${operation}\n`);
      return undefined;
  }
}

/** The name of the first element of the body. */
function operationOf(body: string): string {
  const start = body.indexOf('<m:', body.indexOf('Body>')) + 3;
  let end = start;
  while (/[A-Za-z]/.test(body.charAt(end))) end += 1;
  return body.slice(start, end);
}

function itemsOf(body: string): Buffer | undefined {
  const parts = [getItem.before];
  for (let at = body.indexOf('<t:ItemId '); at >= 0; at = body.indexOf('<t:ItemId ', at + 1)) {
    const start = body.indexOf(' Id="', at) + 5;
    const message = mailbox.messages.get(body.slice(start, body.indexOf('"', start)));
    if (message === undefined) return undefined;
    parts.push(message);
  }
  parts.push(getItem.after);
  return Buffer.concat(parts);
}

/** The distinguished name, or the id, of the folder meant. */
function folderOf(body: string): string {
  return between(body, 'DistinguishedFolderId Id="', '"') ?? between(body, 'FolderId Id="', '"') ?? '';
}

function createdKind(body: string): Kind {
  return kinds.find((kind) => body.includes(`<t:${elements[kind]}>`)) ?? 'contact';
}

function createdCount(body: string): number {
  const text = `</t:${elements[createdKind(body)]}>`;
  let found = 0;
  for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + text.length)) found += 1;
  return found;
}

function between(body: string, before: string, after: string): string | undefined {
  const start = body.indexOf(before);
  if (start < 0) return undefined;
  return body.slice(start + before.length, body.indexOf(after, start + before.length));
}

function bytesOf(operation: string): { readonly before: Buffer; readonly after: Buffer } {
  const { before, after } = envelopeOf(operation);
  return { before: Buffer.from(before), after: Buffer.from(after) };
}

function whole(operation: string, content: string): Buffer {
  const { before, after } = envelopeOf(operation);
  return Buffer.from(before + successOf(operation, content) + after);
}

/** Pages by the state they follow; the first ones by folder. After the last page nothing changes, only the state does. */
function syncPages(): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const kind of kinds) {
    const { folderId, itemIds } = mailbox.folders[kind];
    let asked = [distinguished[kind], folderId];
    for (let from = 0; from < itemIds.length; from += pageItemsMax) {
      const changes = itemIds.slice(from, from + pageItemsMax).map((id) => {
        return `<t:Create><t:${elements[kind]}>${id}</t:${elements[kind]}></t:Create>`;
      });
      const next = syncStateOf(draw);
      const page = pageOf(next, from + pageItemsMax >= itemIds.length, changes.join(''));
      for (const key of asked) found.set(key, page);
      asked = [next];
    }
    const [one, other] = [syncStateOf(draw), syncStateOf(draw)];
    for (const key of [...asked, other]) found.set(key, pageOf(one, true, ''));
    found.set(one, pageOf(other, true, ''));
  }
  return found;
}

function pageOf(state: string, last: boolean, changes: string): Buffer {
  const list = changes === '' ? '<m:Changes/>' : `<m:Changes>${changes}</m:Changes>`;
  return whole(
    'SyncFolderItems',
    `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>${last}</m:IncludesLastItemInRange>${list}`,
  );
}

/** Answers by kind and number of items created. */
function createAnswers(): ReadonlyMap<Kind, readonly Buffer[]> {
  const { before, after } = envelopeOf('CreateItem');
  return new Map(
    kinds.map((kind) => {
      const messages = Array.from({ length: createItemsMax }, () =>
        successOf(
          'CreateItem',
          `<m:Items><t:${elements[kind]}><t:ItemId Id="${itemIdOf(draw)}" ChangeKey="${changeKeyOf(draw, 0x11)}"/></t:${elements[kind]}></m:Items>`,
        ),
      );
      return [
        kind,
        [...messages, ''].map((_, items) => Buffer.from(before + messages.slice(0, items).join('') + after)),
      ];
    }),
  );
}

function folderAnswer(name: string): readonly [string, Buffer] {
  const kind = kinds.find((one) => distinguished[one] === name);
  const id = kind === undefined ? `root-${name}` : mailbox.folders[kind].folderId;
  const total = kind === undefined ? 0 : mailbox.folders[kind].itemIds.length;
  const element = folderElements[name] ?? 'Folder';
  return [
    name,
    whole(
      'GetFolder',
      `<m:Folders><t:${element}><t:FolderId Id="${id}" ChangeKey="AQAAAA=="/><t:DisplayName>${name}</t:DisplayName><t:TotalCount>${total}</t:TotalCount><t:ChildFolderCount>0</t:ChildFolderCount></t:${element}></m:Folders>`,
    ),
  ];
}
