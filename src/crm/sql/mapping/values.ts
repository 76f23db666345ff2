/**
 * The CRM's list-of-values texts and their canonical meanings. Where several texts mean the same (`1-ASAP` and `2-High`,
 * `Cancelled` and `Declined`), a write keeps the stored text as long as its meaning does not change.
 */
import type { AttendeeRole, Importance, Sensitivity, ShowAs, TaskStatus } from '#model/item.ts';

/** Text by text, in the order of preference for writing. */
type Meanings<T> = readonly (readonly [text: string, meaning: T])[];

export const priorities: Meanings<Importance | undefined> = [
  ['2-High', 'high'],
  ['1-ASAP', 'high'],
  ['3-Medium', undefined],
  ['4-Low', 'low'],
];

export const sensitivities: Meanings<Sensitivity | undefined> = [
  ['Normal', undefined],
  ['Personal', 'personal'],
  ['Private', 'private'],
  ['Confidential', 'confidential'],
];

export const showAsTexts: Meanings<ShowAs> = [
  ['Free', 'free'],
  ['Tentative', 'tentative'],
  ['Busy', 'busy'],
  ['Out of Office', 'outOfOffice'],
  ['Working Elsewhere', 'workingElsewhere'],
];

export const statuses: Meanings<TaskStatus> = [
  ['Not Started', 'notStarted'],
  ['Acknowledged', 'notStarted'],
  ['In Progress', 'inProgress'],
  ['Done', 'completed'],
  ['On Hold', 'waiting'],
  ['Deferred', 'deferred'],
  ['Cancelled', 'deferred'],
  ['Declined', 'deferred'],
];

export const roles: Meanings<AttendeeRole> = [
  ['Required', 'required'],
  ['Optional', 'optional'],
  ['Resource', 'resource'],
];

/** What a text means; `otherwise` for null and for texts a customized CRM may have added. */
export function meaningOf<T>(meanings: Meanings<T>, text: string | null, otherwise: T): T {
  for (const [each, meaning] of meanings) if (each === text) return meaning;
  return otherwise;
}

/**
 * The text for a meaning: the stored one when it means the same already (null does where `otherwise` is meant), else the
 * preferred one.
 */
export function textOf<T>(
  meanings: Meanings<T>,
  meaning: T,
  stored: string | null | undefined,
  otherwise: T,
): string | null {
  if (stored !== undefined && meaningOf(meanings, stored, otherwise) === meaning) return stored;
  for (const [text, each] of meanings) if (each === meaning) return text;
  throw new TypeError(`no text means ${String(meaning)}`);
}
