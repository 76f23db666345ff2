/** The last day an item speaks of: what ended long before today is history. */
import { lastOccurrence } from './expand.ts';
import type { CalendarEvent, Item, LocalDateTime, PlainDate, Task } from './item.ts';
import { localOf, secondsOf } from './local-time.ts';

/**
 * The local date on which an event's last occurrence ends, or on which a task is or was to be done. Undefined for contacts,
 * for series without end and for tasks without dates or that come again.
 */
export function lastDayOf(item: Item): PlainDate | undefined {
  switch (item.kind) {
    case 'contact':
      return undefined;
    case 'event':
      return lastEndOf(item)?.slice(0, 10);
    case 'task':
      return lastTaskDay(item);
  }
}

function lastEndOf({ when, recurrence, overrides }: CalendarEvent): LocalDateTime | undefined {
  if (recurrence === undefined) return when.end;
  const last = lastOccurrence(when.start, recurrence);
  if (last === undefined) return undefined;
  const lengthSeconds = secondsOf(when.end) - secondsOf(when.start);
  let end = localOf(secondsOf(last) + lengthSeconds);
  for (const override of Object.values(overrides ?? {})) {
    const moved = 'patch' in override ? override.patch.when?.end : undefined;
    if (moved !== undefined && moved > end) end = moved;
  }
  return end;
}

function lastTaskDay({ recurrence, progress, dates }: Task): PlainDate | undefined {
  if (progress.status === 'completed' && progress.completed !== undefined) return progress.completed;
  return recurrence === undefined ? dates?.due : undefined;
}
