/**
 * The part every item has (EWS schema `ItemType`): ids, class, subject, sensitivity, body, categories, importance, reminder
 * and the link key. Written first and in schema order; the fields of the kind follow.
 */
import type { LinkKey } from '#contract/connector.ts';
import type { Body, Importance, Instant, Sensitivity } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { instantOf } from '../../mapi/instant.ts';
import type { ItemElement } from './field.ts';
import { setField, setOrDelete, stringsElement, textElement, wireLines } from './field.ts';

/** What is gathered from the base part while an item is read. */
export interface BaseDraft {
  id: string;
  changeKey: string;
  itemClass: string;
  linkKey: LinkKey | undefined;
  /** By the server's clock. */
  modifiedAt: Instant | undefined;
  subject: string | undefined;
  sensitivity: Sensitivity | undefined;
  importance: Importance | undefined;
  categories: readonly string[] | undefined;
  body: Body | undefined;
  reminderIsSet: boolean;
  reminderMinutes: number;
  reminderDueBy: Instant | undefined;
}

export function emptyBase(): BaseDraft {
  return {
    id: '',
    changeKey: '',
    itemClass: '',
    linkKey: undefined,
    modifiedAt: undefined,
    subject: undefined,
    sensitivity: undefined,
    importance: undefined,
    categories: undefined,
    body: undefined,
    reminderIsSet: false,
    reminderMinutes: 0,
    reminderDueBy: undefined,
  };
}

/** Takes one child of the base part; unknown ones are passed over. Extended properties are the kinds' own affair. */
export function readBase(draft: BaseDraft, child: XmlElement): void {
  switch (child.name) {
    case 'ItemId':
      draft.id = child.attributes.Id ?? '';
      draft.changeKey = child.attributes.ChangeKey ?? '';
      break;
    case 'ItemClass':
      draft.itemClass = child.text.trim();
      break;
    case 'Subject':
      draft.subject = child.text;
      break;
    case 'LastModifiedTime':
      draft.modifiedAt = instantOf(child.text);
      break;
    case 'Sensitivity':
      draft.sensitivity = sensitivities[child.text];
      break;
    case 'Importance':
      draft.importance = importances[child.text];
      break;
    case 'Categories':
      draft.categories = stringsOf(child);
      break;
    case 'Body':
      draft.body = bodyOf(child);
      break;
    case 'ReminderIsSet':
      draft.reminderIsSet = isTrue(child);
      break;
    case 'ReminderMinutesBeforeStart':
      draft.reminderMinutes = Number(child.text);
      break;
    case 'ReminderDueBy':
      draft.reminderDueBy = instantOf(child.text);
      break;
  }
}

/** `xs:boolean`. */
export function isTrue(element: XmlElement): boolean {
  return element.text === 'true' || element.text === '1';
}

/** The texts of a list of `t:String`. */
export function stringsOf(element: XmlElement): readonly string[] {
  return element.children.flatMap((one) => (one.name === 'String' ? [one.text] : []));
}

/** The body; a server that was asked for text and still sends HTML is taken at its word. */
function bodyOf(element: XmlElement): Body | undefined {
  if (element.text === '') return undefined;
  return element.attributes.BodyType === 'HTML' ? { text: '', html: element.text } : { text: element.text };
}

const sensitivities: Readonly<Record<string, Sensitivity>> = {
  Personal: 'personal',
  Private: 'private',
  Confidential: 'confidential',
};

const importances: Readonly<Record<string, Importance>> = { Low: 'low', High: 'high' };

/** `t:Subject`. */
function subjectElement(title: string | undefined): Markup | undefined {
  return textElement('Subject', title);
}

/** `t:Sensitivity`; absent is Normal, which is written because the property cannot be deleted. */
export function sensitivityElement(sensitivity: Sensitivity | undefined): Markup {
  return xml`<t:Sensitivity>${sensitivity === undefined ? 'Normal' : capitalised(sensitivity)}</t:Sensitivity>`;
}

/** `t:Importance`; absent is Normal, as above. */
export function importanceElement(importance: Importance | undefined): Markup {
  return xml`<t:Importance>${importance === undefined ? 'Normal' : capitalised(importance)}</t:Importance>`;
}

/** `t:Body` as text. */
export function bodyElement(body: Body | undefined): Markup | undefined {
  return body === undefined ? undefined : xml`<t:Body BodyType="Text">${wireLines(body.text)}</t:Body>`;
}

/** `t:Categories`, whole. */
export function categoriesElement(categories: readonly string[] | undefined): Markup | undefined {
  return stringsElement('Categories', categories);
}

/** Changes of the groups every kind shares; undefined when the group is none of them. */
export function baseChange(
  item: ItemElement,
  group: string,
  target: {
    readonly title?: string;
    readonly sensitivity?: Sensitivity;
    readonly importance?: Importance;
    readonly categories?: readonly string[];
    readonly body?: Body;
  },
): Markup | undefined {
  switch (group) {
    case 'title':
      return setOrDelete(item, 'item:Subject', subjectElement(target.title));
    case 'sensitivity':
      return setField(item, 'item:Sensitivity', sensitivityElement(target.sensitivity));
    case 'importance':
      return setField(item, 'item:Importance', importanceElement(target.importance));
    case 'categories':
      return setOrDelete(item, 'item:Categories', categoriesElement(target.categories));
    case 'body':
      return setOrDelete(item, 'item:Body', bodyElement(target.body));
    default:
      return undefined;
  }
}

function capitalised(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
