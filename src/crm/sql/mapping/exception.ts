/** Occurrences that differ from their series: rows of `crm.activity_exception` and overrides. Pure. */
import type { Override, OverridePatch, ShowAs } from '#model/item.ts';
import { meaningOf, showAsTexts, textOf } from './values.ts';

/** Columns of `crm.activity_exception`. */
export interface ExceptionRow {
  readonly original_start: string;
  readonly excluded: boolean;
  /** The columns that differ from the series; `planned` stands for the three of the time, `alarm` for the minutes. */
  readonly changed: readonly string[];
  readonly description: string | null;
  readonly meeting_location: string | null;
  readonly planned_start: string | null;
  readonly planned_completion: string | null;
  readonly all_day: boolean | null;
  readonly show_as: string | null;
  readonly alarm_minutes: number | null;
  readonly comments: string | null;
}

export function overrideOf(row: ExceptionRow): Override {
  if (row.excluded) return { excluded: true };
  const differs = (name: string): boolean => row.changed.includes(name);
  return {
    patch: {
      ...(differs('description') ? { title: row.description } : {}),
      ...(differs('meeting_location') ? { location: row.meeting_location } : {}),
      ...(differs('planned') ? { when: whenOf(row) } : {}),
      ...(differs('show_as') ? { showAs: meaningOf<ShowAs>(showAsTexts, row.show_as, 'busy') } : {}),
      ...(differs('alarm')
        ? { reminder: row.alarm_minutes === null ? null : { minutesBefore: row.alarm_minutes } }
        : {}),
      ...(differs('comments') ? { body: row.comments === null ? null : { text: row.comments } } : {}),
    },
  };
}

export function exceptionRowOf(originalStart: string, override: Override): ExceptionRow {
  const row = { ...nothing, original_start: originalStart };
  if ('excluded' in override) return { ...row, excluded: true };
  const { title, location, when, showAs, reminder, body } = override.patch;
  return {
    ...row,
    changed: changedOf(override.patch),
    description: title ?? null,
    meeting_location: location ?? null,
    planned_start: when?.start ?? null,
    planned_completion: when?.end ?? null,
    all_day: when?.allDay ?? null,
    show_as: showAs === undefined ? null : textOf<ShowAs>(showAsTexts, showAs, undefined, 'busy'),
    alarm_minutes: reminder?.minutesBefore ?? null,
    comments: body?.text ?? null,
  };
}

const nothing: Omit<ExceptionRow, 'original_start'> = {
  excluded: false,
  changed: [],
  description: null,
  meeting_location: null,
  planned_start: null,
  planned_completion: null,
  all_day: null,
  show_as: null,
  alarm_minutes: null,
  comments: null,
};

function changedOf(patch: OverridePatch): readonly string[] {
  const names: string[] = [];
  if (patch.title !== undefined) names.push('description');
  if (patch.location !== undefined) names.push('meeting_location');
  if (patch.when !== undefined) names.push('planned');
  if (patch.showAs !== undefined) names.push('show_as');
  if (patch.reminder !== undefined) names.push('alarm');
  if (patch.body !== undefined) names.push('comments');
  return names;
}

function whenOf(row: ExceptionRow): { readonly start: string; readonly end: string; readonly allDay: boolean } {
  return { start: row.planned_start!, end: row.planned_completion!, allDay: row.all_day! };
}
