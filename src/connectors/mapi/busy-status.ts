/** Numbers of PidLidBusyStatus (MS-OXOCAL 2.2.1.2). */
import type { ShowAs } from '#model/item.ts';

const order: readonly ShowAs[] = ['free', 'tentative', 'busy', 'outOfOffice', 'workingElsewhere'];

export function busyStatusOf(showAs: ShowAs): number {
  return order.indexOf(showAs);
}

/** Busy for a number that is none, as Outlook shows it. */
export function showAsOfBusyStatus(number: number): ShowAs {
  return order[number] ?? 'busy';
}
