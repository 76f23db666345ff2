/** Response shapes: which properties an answer carries, and the markup of items under a shape. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { View } from '../../truth/item.ts';
import type { Call } from './call.ts';
import { EwsFault } from './ews-error.ts';
import { type ExtendedPath, extendedMarkup, readExtendedPath } from './extended.ts';
import { entryPaths } from './fields/contact-fields.ts';
import type { Field, Reply, ReplyKind } from './fields/field.ts';
import { anyFieldOfPath, fieldsAfter, type ItemType, itemFieldsBefore, itemTypeOf } from './item-types.ts';
import { rankOf } from './profiles.ts';
import { readBoolean } from './text.ts';

export type BaseShape = 'IdOnly' | 'Default' | 'AllProperties';

export interface ItemShape {
  readonly reply: Reply;
  readonly base: BaseShape;
  readonly asked: ReadonlySet<string>;
  readonly extended: readonly ExtendedPath[];
  /** Fields per item type, chosen once. */
  readonly plans: Map<ItemType, Plan>;
}

interface Plan {
  readonly before: readonly Field[];
  readonly after: readonly Field[];
}

/** Reads m:ItemShape. A property newer than the request's version is refused with ErrorIncorrectSchemaVersion. */
export function readItemShape(
  shape: XmlElement | undefined,
  call: Call,
  kind: ReplyKind,
  fallback: BaseShape = 'Default',
): ItemShape {
  const base = (childText(shape, 'BaseShape') ?? fallback) as BaseShape;
  const asked = new Set<string>();
  const extended: ExtendedPath[] = [];
  const entries = new Map<string, Set<string>>();
  for (const path of child(shape, 'AdditionalProperties')?.children ?? []) {
    if (path.name === 'ExtendedFieldURI') extended.push(readExtendedPath(path));
    else if (path.name === 'IndexedFieldURI') addEntry(path, entries);
    else addField(path, call, asked);
  }
  for (const path of entries.keys()) {
    const whole = entryPaths[path];
    if (whole === undefined || asked.has(whole) || base !== 'IdOnly') entries.delete(path);
  }
  const wholes = [...entries.keys()].map((path) => entryPaths[path] ?? '');
  const bodyType = (childText(shape, 'BodyType') ?? 'Best') as Reply['bodyType'];
  const includeMime = readBoolean(childText(shape, 'IncludeMimeContent') ?? 'false');
  return {
    reply: { call, kind, bodyType, entries, includeMime },
    base,
    asked: new Set([...asked, ...wholes]),
    extended,
    plans: new Map(),
  };
}

/** `<t:Contact>…</t:Contact>`: one message under a shape. */
export function itemMarkup(view: View, shape: ItemShape): string {
  const type = itemTypeOf(view);
  const { reply } = shape;
  const plan = planOf(type, shape);
  let markup = `<t:${type}>`;
  for (const field of plan.before) markup += field.write(view, reply);
  for (const path of shape.extended) markup += extendedMarkup(path, view, reply.call.mailbox, reply.call.zone);
  for (const field of plan.after) markup += field.write(view, reply);
  return `${markup}</t:${type}>`;
}

/** What an attached item does not have: a place of its own in the store. */
const ofStoredItems: ReadonlySet<string> = new Set([
  'item:ItemId',
  'item:ParentFolderId',
  'item:EffectiveRights',
  'item:WebClientReadFormQueryString',
  'item:WebClientEditFormQueryString',
  'item:ConversationId',
  'item:InstanceKey',
  'item:ResponseObjects',
]);

/** An item inside another one, under a shape. */
export function embeddedMarkup(view: View, shape: ItemShape): string {
  const type = itemTypeOf(view);
  const plan = planOf(type, shape);
  const own = (field: Field): boolean => !ofStoredItems.has(field.uri);
  const plans = new Map([[type, { before: plan.before.filter(own), after: plan.after.filter(own) }]]);
  return itemMarkup(view, { ...shape, plans });
}

function addField(path: XmlElement, call: Call, asked: Set<string>): void {
  const uri = path.attributes.FieldURI ?? '';
  const since = anyFieldOfPath(uri)?.since;
  if (since !== undefined && rankOf(since) > call.rank) throw new EwsFault('ErrorIncorrectSchemaVersion');
  asked.add(uri);
}

function addEntry(path: XmlElement, entries: Map<string, Set<string>>): void {
  const uri = path.attributes.FieldURI ?? '';
  const known = entries.get(uri) ?? new Set<string>();
  entries.set(uri, known.add(path.attributes.FieldIndex ?? ''));
}

function planOf(type: ItemType, shape: ItemShape): Plan {
  const known = shape.plans.get(type);
  if (known !== undefined) return known;
  const isWanted = (field: Field): boolean => wants(field, shape);
  const plan = { before: itemFieldsBefore.filter(isWanted), after: fieldsAfter(type).filter(isWanted) };
  shape.plans.set(type, plan);
  return plan;
}

function wants(field: Field, shape: ItemShape): boolean {
  const { reply } = shape;
  if (field.singleOnly === true && reply.kind !== 'get') return false;
  if (field.since !== undefined && rankOf(field.since) > reply.call.rank) return false;
  if (shape.asked.has(field.uri)) return true;
  if (field.uri === 'item:MimeContent') return reply.includeMime;
  switch (shape.base) {
    case 'IdOnly':
      return field.shape === 'id';
    case 'Default':
      return field.shape === 'id' || field.shape === 'default' || field.uri === 'item:IsAssociated';
    case 'AllProperties':
      return field.shape !== 'asked';
  }
}
