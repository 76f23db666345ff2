/**
 * Recurrence rules: the six patterns and three ranges of Exchange (EWS RecurrenceType; MS-OXOCAL 2.2.1.44), and the four
 * regenerating patterns of tasks. Nothing else can be held by a mailbox, so nothing else is a rule here; a CRM rule
 * beyond these is refused with a reason, never approximated.
 */
import type { PlainDate } from './item.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** A weekday, any day, Monday to Friday, or Saturday and Sunday. */
export type WeekdayClass = Weekday | 'day' | 'weekday' | 'weekendDay';

export type WeekIndex = 'first' | 'second' | 'third' | 'fourth' | 'last';

export type Pattern =
  | { readonly kind: 'daily'; readonly interval: number }
  | {
      readonly kind: 'weekly';
      readonly interval: number;
      /** Non-empty, in the order Monday to Sunday. */
      readonly days: readonly Weekday[];
      /** Where a week begins; matters when `interval` > 1. */
      readonly firstDay: Weekday;
    }
  /** `day` 29 to 31 means the last day in shorter months. */
  | { readonly kind: 'monthly'; readonly interval: number; readonly day: number }
  | {
      readonly kind: 'monthlyByWeekday';
      readonly interval: number;
      readonly week: WeekIndex;
      readonly weekday: WeekdayClass;
    }
  /** `month` 1 to 12. */
  | { readonly kind: 'yearly'; readonly month: number; readonly day: number }
  | {
      readonly kind: 'yearlyByWeekday';
      readonly month: number;
      readonly week: WeekIndex;
      readonly weekday: WeekdayClass;
    };

/** The next task appears `interval` units after the last one was completed (EWS *RegenerationPattern). */
export interface Regeneration {
  readonly kind: 'regenerating';
  readonly unit: 'day' | 'week' | 'month' | 'year';
  readonly interval: number;
}

export type Range =
  | { readonly kind: 'noEnd' }
  /** Last date on which an occurrence may start, in the zone of the series. */
  | { readonly kind: 'until'; readonly date: PlainDate }
  | { readonly kind: 'count'; readonly count: number };

/** The rule of an event series. Its first occurrence is the event's own start. */
export interface RecurrenceRule {
  readonly pattern: Pattern;
  readonly range: Range;
}

/** The rule of a recurring task; `start` is the date the rule counts from. */
export interface TaskRecurrence {
  readonly pattern: Pattern | Regeneration;
  readonly range: Range;
  readonly start: PlainDate;
}

/** Bounds of EWS: Interval 1..999, NumberOfOccurrences 1..999. */
export const intervalMax = 999;
export const occurrencesMax = 999;
