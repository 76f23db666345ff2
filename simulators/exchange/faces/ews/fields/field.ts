/**
 * What a field of the EWS schema is: how it reads from a message and how it is written. Fields stand in arrays in the
 * order of the schema, because the order of elements is significant in both directions.
 */
import type { XmlElement } from '#xml/reader.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import type { PropertyKey, PropertyValue } from '../../../truth/properties.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import type { Pending } from '../pending.ts';
import type { RequestVersion } from '../profiles.ts';
import { dateTimeText, element, escapeText, readBoolean, readDateTime } from '../text.ts';

/** Where an answer is going: rows of a listing are poorer than single items. */
export type ReplyKind = 'get' | 'find' | 'sync';

/** What one answer needs to know to write fields. */
export interface Reply {
  readonly call: Call;
  readonly kind: ReplyKind;
  readonly bodyType: 'Best' | 'HTML' | 'Text';
  /** Entries asked for one by one, by dictionary path (`contacts:EmailAddress`); undefined when the whole was asked. */
  readonly entries: ReadonlyMap<string, ReadonlySet<string>>;
  readonly includeMime: boolean;
  /** For a message that is attached to another one: where it hangs. */
  readonly above?: { readonly view: View | undefined; readonly numbers: readonly number[] };
}

export interface Field {
  /** The FieldURI. */
  readonly uri: string;
  readonly element: string;
  /** The poorest base shape that carries the field; `asked` only when named. */
  readonly shape: 'id' | 'default' | 'all' | 'asked';
  /** Not given in rows of FindItem and SyncFolderItems. */
  readonly singleOnly?: boolean;
  /** Oldest request version that knows the field. */
  readonly since?: RequestVersion;
  /** Markup of the element; empty when the message does not have it. */
  readonly write: (view: View, reply: Reply) => string;
  /** Takes the value from the element; a field without this is read-only. */
  readonly set?: (pending: Pending, value: XmlElement) => void;
  readonly append?: (pending: Pending, value: XmlElement) => void;
  /** Removes the value; a settable field without this cannot be deleted. */
  readonly clear?: (pending: Pending) => void;
  /** Value for restrictions and sorting; a field without this cannot be searched. */
  readonly value?: (view: View, call: Call) => PropertyValue | undefined;
}

type Shape = Field['shape'];

/** Rows cut text after this many characters. */
export const rowTextMax = 255;

/** Text as a row or a single item shows it. */
export function shown(text: string, reply: Reply): string {
  return reply.kind === 'get' || text.length <= rowTextMax ? text : text.slice(0, rowTextMax);
}

export function textField(uri: string, shape: Shape, key: PropertyKey<string>, more: Partial<Field> = {}): Field {
  const name = nameOf(uri);
  return {
    uri,
    element: name,
    shape,
    write(view, reply) {
      const text = propertyOf(view, key);
      return text === undefined ? '' : element(name, shown(text, reply));
    },
    set: (pending, value) => pending.draft.set(key, value.text),
    clear: (pending) => pending.draft.delete(key),
    value: (view) => propertyOf(view, key),
    ...more,
  };
}

export function integerField(uri: string, shape: Shape, key: PropertyKey<number>, more: Partial<Field> = {}): Field {
  const name = nameOf(uri);
  return {
    uri,
    element: name,
    shape,
    write(view) {
      const number = propertyOf(view, key);
      return number === undefined ? '' : `<t:${name}>${number}</t:${name}>`;
    },
    set: (pending, value) => pending.draft.set(key, Number(value.text)),
    clear: (pending) => pending.draft.delete(key),
    value: (view) => propertyOf(view, key),
    ...more,
  };
}

/** `absent` is what a message without the property shows; undefined shows nothing. */
export function booleanField(
  uri: string,
  shape: Shape,
  key: PropertyKey<boolean>,
  absent: boolean | undefined,
  more: Partial<Field> = {},
): Field {
  const name = nameOf(uri);
  return {
    uri,
    element: name,
    shape,
    write(view) {
      const flag = propertyOf(view, key) ?? absent;
      return flag === undefined ? '' : `<t:${name}>${flag}</t:${name}>`;
    },
    set: (pending, value) => pending.draft.set(key, readBoolean(value.text)),
    clear: (pending) => pending.draft.delete(key),
    value: (view) => propertyOf(view, key) ?? absent,
    ...more,
  };
}

export function timeField(uri: string, shape: Shape, key: PropertyKey<number>, more: Partial<Field> = {}): Field {
  const name = nameOf(uri);
  return {
    uri,
    element: name,
    shape,
    write(view, reply) {
      const time = propertyOf(view, key);
      return time === undefined ? '' : `<t:${name}>${dateTimeText(time, reply.call.zone)}</t:${name}>`;
    },
    set: (pending, value) => pending.draft.set(key, instantOf(value, pending)),
    clear: (pending) => pending.draft.delete(key),
    value: (view) => propertyOf(view, key),
    ...more,
  };
}

/** A list of `t:String`. */
export function textsField(
  uri: string,
  shape: Shape,
  key: PropertyKey<readonly string[]>,
  more: Partial<Field> = {},
): Field {
  const name = nameOf(uri);
  return {
    uri,
    element: name,
    shape,
    write(view) {
      const texts = propertyOf(view, key);
      if (texts === undefined || texts.length === 0) return '';
      return `<t:${name}>${texts.map((one) => `<t:String>${escapeText(one)}</t:String>`).join('')}</t:${name}>`;
    },
    set(pending, value) {
      const texts = value.children.map((one) => one.text);
      if (texts.length === 0) throw new EwsError('ErrorInvalidPropertySet');
      pending.draft.set(key, texts);
    },
    clear: (pending) => pending.draft.delete(key),
    value: (view) => propertyOf(view, key),
    ...more,
  };
}

/** Words for the codes of a store property; `absent` is the code of a message without it, undefined shows nothing. */
export function choiceField(
  uri: string,
  shape: Shape,
  key: PropertyKey<number>,
  words: readonly string[],
  absent: number | undefined,
  more: Partial<Field> = {},
): Field {
  const name = nameOf(uri);
  return {
    uri,
    element: name,
    shape,
    write(view) {
      const code = propertyOf(view, key) ?? absent;
      return code === undefined ? '' : `<t:${name}>${words[code] ?? words[0]}</t:${name}>`;
    },
    set: (pending, value) => pending.draft.set(key, Math.max(words.indexOf(value.text.trim()), 0)),
    clear: (pending) => pending.draft.delete(key),
    value: (view) => words[propertyOf(view, key) ?? absent ?? 0],
    ...more,
  };
}

/** A field that can be set but not deleted: every item has a value there. */
export function required({ clear: _, ...field }: Field): Field {
  return field;
}

/** A field that is read but never written. */
export function readOnly({ set: _, append: __, clear: ___, ...field }: Field): Field {
  return field;
}

/** A field that restrictions and orders may not name. */
export function notSearched({ value: _, ...field }: Field): Field {
  return field;
}

/** A field that is computed and cannot be written. */
export function readOnlyField(
  uri: string,
  shape: Shape,
  write: Field['write'],
  value?: Field['value'],
  more: Partial<Field> = {},
): Field {
  return { uri, element: nameOf(uri), shape, write, ...(value === undefined ? {} : { value }), ...more };
}

/** A dateTime value as an instant; wall times are read in the request's zone. */
export function instantOf(value: XmlElement, pending: Pending): number {
  const moment = readDateTime(value.text);
  if (moment === undefined) throw new EwsError('ErrorInvalidValueForProperty');
  if (moment.kind === 'instant') return moment.utcMs;
  const { zone } = pending.call;
  return zone === undefined ? moment.wallMs : moment.wallMs - zone.offsetMs(moment.wallMs);
}

/** The element name of a path: what follows the last colon. */
export function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf(':') + 1);
}
