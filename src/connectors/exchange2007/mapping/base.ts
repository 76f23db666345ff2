/** The part every item has: class, subject, body, importance, sensitivity, categories, reminder (MS-OXCMSG, MS-OXORMDR). */
import type { Body, Importance, Instant, Sensitivity } from '#model/item.ts';
import { instantOf } from '../../mapi/instant.ts';
import type { Properties } from '../operations/multistatus.ts';
import {
  dav,
  exchange,
  httpmail,
  lid,
  mailheader,
  type Property,
  type PropertyChange,
  type PropertyValue,
  tag,
} from '../operations/property.ts';

export const subjectProperty = httpmail('subject');
export const itemClassProperty = exchange('outlookmessageclass');
const contentClassProperty = dav('contentclass');
const bodyProperty = httpmail('textdescription');
const importanceProperty = mailheader('importance');
const sensitivityProperty = exchange('sensitivity', 'int');
/** PidLidPrivate, which says of two sensitivities that others may not look. */
const privateProperty = lid('common', 0x8506, 'boolean');
const categoriesProperty = exchange('keywords-utf8', 'mv.string');
const sideEffectsProperty = lid('common', 0x8510, 'int');
const iconProperty = tag(0x1080_0003, 'int');
export const reminderSetProperty = lid('common', 0x8503, 'boolean');
export const reminderMinutesProperty = lid('common', 0x8501, 'int');
export const reminderTimeProperty = lid('common', 0x8502, 'dateTime.tz');
const reminderSignalProperty = lid('common', 0x8560, 'dateTime.tz');
const commonStartProperty = lid('common', 0x8516, 'dateTime.tz');
const commonEndProperty = lid('common', 0x8517, 'dateTime.tz');

export const baseProperties: readonly Property[] = [
  itemClassProperty,
  subjectProperty,
  bodyProperty,
  importanceProperty,
  sensitivityProperty,
  categoriesProperty,
];

/** Sets a property; nothing when there is no value. */
export function setting(property: Property, value: PropertyValue | undefined): readonly PropertyChange[] {
  return value === undefined ? [] : [{ property, value }];
}

/** Sets a property, or removes it when there is no value. */
export function change(property: Property, value: PropertyValue | undefined): PropertyChange {
  return { property, value };
}

export function flag(property: Property, value: boolean): PropertyChange {
  return { property, value: value ? '1' : '0' };
}

export function number(property: Property, value: number): PropertyChange {
  return { property, value: String(value) };
}

/** Times are written with the three decimals Exchange writes itself. */
export function time(property: Property, value: Instant | undefined): PropertyChange {
  return { property, value: value === undefined ? undefined : `${value.slice(0, 19)}.000Z` };
}

export function bytes(property: Property, value: Uint8Array | undefined): PropertyChange {
  return { property, value: value === undefined ? undefined : Buffer.from(value).toString('base64') };
}

/** Outlook's "no date" is a day of the year 4501. */
const noDateYear = '4501';

export function instantIn(found: Properties, property: Property): Instant | undefined {
  const instant = instantOf(found.text(property));
  return instant?.startsWith(noDateYear) === true ? undefined : instant;
}

export interface Base {
  readonly subject: string | undefined;
  readonly body: Body | undefined;
  readonly importance: Importance | undefined;
  readonly sensitivity: Sensitivity | undefined;
  readonly categories: readonly string[] | undefined;
}

export function readBase(found: Properties): Base {
  const text = found.text(bodyProperty);
  const importance = found.text(importanceProperty)?.trim().toLowerCase();
  const categories = found.texts(categoriesProperty);
  return {
    subject: found.text(subjectProperty),
    body: text === undefined ? undefined : { text },
    importance: importance === 'low' || importance === 'high' ? importance : undefined,
    sensitivity: sensitivities[found.number(sensitivityProperty) ?? 0],
    categories: categories.length === 0 ? undefined : categories,
  };
}

/** By number; 0 is normal. */
const sensitivities: readonly (Sensitivity | undefined)[] = [undefined, 'personal', 'private', 'confidential'];
const firstPrivate = 2;

/** What makes a new item one of its kind. */
export function classChanges(
  contentClass: string,
  itemClass: string,
  sideEffects: number,
  icon: number,
): readonly PropertyChange[] {
  return [
    change(contentClassProperty, `urn:content-classes:${contentClass}`),
    change(itemClassProperty, itemClass),
    number(sideEffectsProperty, sideEffects),
    number(iconProperty, icon),
  ];
}

export function iconChange(icon: number): PropertyChange {
  return number(iconProperty, icon);
}

type BaseValues = {
  readonly title?: string;
  readonly importance?: Importance;
  readonly sensitivity?: Sensitivity;
  readonly categories?: readonly string[];
  readonly body?: Body;
};

/** Changes of the groups every kind shares; undefined when the group is none of them. */
export function baseChanges(group: string, target: BaseValues): readonly PropertyChange[] | undefined {
  switch (group) {
    case 'title':
      return [change(subjectProperty, target.title)];
    case 'importance':
      return [change(importanceProperty, target.importance ?? 'normal')];
    case 'sensitivity': {
      const level = sensitivities.indexOf(target.sensitivity);
      return [number(sensitivityProperty, level), flag(privateProperty, level >= firstPrivate)];
    }
    case 'categories':
      return [change(categoriesProperty, target.categories)];
    case 'body':
      return [change(bodyProperty, target.body === undefined ? undefined : wireLines(target.body.text))];
    default:
      return undefined;
  }
}

/** The shared groups of a new item; what has no value is left to the server, whose default is the same. */
export function newBase(groups: readonly string[], target: BaseValues): readonly PropertyChange[] {
  return groups.flatMap((group) => baseChanges(group, target) ?? []).filter(({ value }) => value !== undefined);
}

/** PidLidCommonStart and End. */
export function commonTimes(start: Instant | undefined, end: Instant | undefined): readonly PropertyChange[] {
  return [time(commonStartProperty, start), time(commonEndProperty, end)];
}

/** When a reminder is for and when it rings; undefined: none is set. */
export function reminderChanges(
  reminder: { readonly time: Instant; readonly signal: Instant } | undefined,
): readonly PropertyChange[] {
  if (reminder === undefined) return [flag(reminderSetProperty, false)];
  return [
    flag(reminderSetProperty, true),
    time(reminderTimeProperty, reminder.time),
    time(reminderSignalProperty, reminder.signal),
  ];
}

/** Text with the line ends Outlook writes. */
export function wireLines(text: string): string {
  return text.includes('\n') ? text.replaceAll('\n', '\r\n') : text;
}
