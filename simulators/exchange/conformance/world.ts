/** A server for one suite, and the requests that the cases are made of. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Ports } from '#ports/ports.ts';
import type { EstateInput } from '../estate.ts';
import { type RunningExchange, startExchange } from '../start-exchange.ts';
import { type BareClientOptions, type BareReply, codesOf, find, post } from './client.ts';

export interface World {
  readonly exchange: RunningExchange;
  /** Posts an operation as alice, or as the options say. */
  call(operation: string, options?: Partial<BareClientOptions>): Promise<BareReply>;
  /** Response codes of an operation. */
  codes(operation: string, options?: Partial<BareClientOptions>): Promise<readonly string[]>;
}

const people = ['alice', 'bob'].map((name) => ({ address: `${name}@example.test`, password: `${name}-pw1` }));

/** Starts a server that is closed, and checked for invalid answers, when the suite is over. */
export async function world(estate: Partial<EstateInput> = {}, ports: Partial<Ports> = {}): Promise<World> {
  const exchange = await startExchange({ estate: { mailboxes: people, ...estate }, ports, validateResponses: true });
  after(async () => {
    await exchange.close();
    assert.equal(exchange.control.counters().invalidResponses, 0, 'SCH-01: every answer validates');
  });
  const call = (operation: string, options: Partial<BareClientOptions> = {}) =>
    post(operation, { url: exchange.url, ...options });
  return { exchange, call, codes: async (operation, options) => codesOf(await call(operation, options)) };
}

/** `Id` and `ChangeKey` of the first item in an answer, as attributes, and apart. */
export function idOf(reply: BareReply): { readonly id: string; readonly key: string; readonly both: string } {
  const { Id = '', ChangeKey = '' } = find(reply.body, 'ItemId')?.attributes ?? {};
  return { id: Id, key: ChangeKey, both: `Id="${Id}" ChangeKey="${ChangeKey}"` };
}

export const getFolder = (folder = 'contacts', shape = 'IdOnly') =>
  `<m:GetFolder><m:FolderShape><t:BaseShape>${shape}</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="${folder}"/></m:FolderIds></m:GetFolder>`;

export const createContact = (content: string) =>
  `<m:CreateItem><m:Items><t:Contact>${content}</t:Contact></m:Items></m:CreateItem>`;

export const createEvent = (content: string) =>
  `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem>${content}</t:CalendarItem></m:Items></m:CreateItem>`;

export const createTask = (content: string) =>
  `<m:CreateItem><m:Items><t:Task>${content}</t:Task></m:Items></m:CreateItem>`;

export const getItems = (ids: string, shape = 'AllProperties', more = '') =>
  `<m:GetItem><m:ItemShape><t:BaseShape>${shape}</t:BaseShape>${more === '' ? '' : `<t:AdditionalProperties>${more}</t:AdditionalProperties>`}</m:ItemShape><m:ItemIds>${ids}</m:ItemIds></m:GetItem>`;

export const getItem = (id: string, shape?: string, more?: string) => getItems(`<t:ItemId Id="${id}"/>`, shape, more);

/** `what` is the element that names the item, `updates` the update elements. */
export const update = (what: string, updates: string, mode = 'AlwaysOverwrite') =>
  `<m:UpdateItem ConflictResolution="${mode}" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange>${what}<t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;

export const setField = (uri: string, kind: string, element: string) =>
  `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:${kind}>${element}</t:${kind}></t:SetItemField>`;

export const deleteField = (uri: string) => `<t:DeleteItemField><t:FieldURI FieldURI="${uri}"/></t:DeleteItemField>`;

export const deleteItem = (what: string, more = 'SendMeetingCancellations="SendToNone"', type = 'MoveToDeletedItems') =>
  `<m:DeleteItem DeleteType="${type}" ${more}><m:ItemIds>${what}</m:ItemIds></m:DeleteItem>`;

export const syncItems = (state: string, max = 512, folder = 'contacts', more = '', ignore = '') =>
  `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>${more === '' ? '' : `<t:AdditionalProperties>${more}</t:AdditionalProperties>`}</m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="${folder}"/></m:SyncFolderId>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}${ignore}<m:MaxChangesReturned>${max}</m:MaxChangesReturned></m:SyncFolderItems>`;

export const findItems = (inner: string, folder = 'contacts', view = '') =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>${view}${inner}<m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds></m:FindItem>`;

export const calendarView = (from: string, until: string, folder = 'calendar') =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:CalendarView StartDate="${from}" EndDate="${until}"/><m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds></m:FindItem>`;
