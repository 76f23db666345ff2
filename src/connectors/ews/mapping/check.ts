/** What is refused before anything is built: items that contradict themselves, and values no Exchange can hold. */
import type { Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { askedOf, contradiction, type Refusal, refuse } from '../../mapi/refusal.ts';

/** The first reason to refuse the item, undefined when there is none. `paths` as in `contradiction`. */
export function refusal(item: Item, paths?: readonly Path[]): Refusal | undefined {
  return contradiction(item, paths) ?? impossibility(item, askedOf(paths));
}

/** EWS `ReminderMinutesBeforeStartType`. */
const reminderMinutesMax = 2_629_800;

/** What is right in itself but has no form in EWS. */
function impossibility(item: Item, isAsked: (path: Path) => boolean): Refusal | undefined {
  switch (item.kind) {
    case 'contact':
      if (item.webPage === undefined || !isAsked('webPage') || isUri(item.webPage)) return undefined;
      return refuse('item.unsupported', 'The web page is not an address Exchange accepts.', 'webPage');
    case 'event':
      if (!isAsked('reminder') || (item.reminder?.minutesBefore ?? 0) <= reminderMinutesMax) return undefined;
      return refuse('item.unsupported', 'The reminder is more than five years before the event.', 'reminder');
    case 'task':
      if (!isAsked('progress') || item.progress.percent < 100 || item.progress.status === 'completed') return undefined;
      // Exchange completes a task as soon as its percentage is 100.
      return refuse('item.unsupported', 'A task that is done to 100 percent is completed in Exchange.', 'progress');
  }
}

/** `contacts:BusinessHomePage` is an `xs:anyURI`: one bad address makes the server refuse the whole request. */
function isUri(text: string): boolean {
  return text.includes('://') ? URL.canParse(text) : !/[\s<>"{}|\\^`]/.test(text);
}
