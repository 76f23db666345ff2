/** A task as GetItem brings it; dates as midnight UTC. */
import type { Task } from '#model/item.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { Stamp } from './mailbox.ts';
import { bodyElement, capitalised, element, linkKeyElement, present, strings } from './wire.ts';

const statusNames = {
  notStarted: 'NotStarted',
  inProgress: 'InProgress',
  completed: 'Completed',
  waiting: 'WaitingOnOthers',
  deferred: 'Deferred',
};

export function taskWire(task: Task, { id, changeKey, linkKeyName, linkKey }: Stamp): Markup {
  const midnight = (date: string | undefined) => date && `${date}T00:00:00Z`;
  return xml`<t:Task><t:ItemId Id="${id}" ChangeKey="${changeKey}"/>${present(
    element('ItemClass', 'IPM.Task'),
    element('Subject', task.title),
    element('Sensitivity', capitalised(task.sensitivity) ?? 'Normal'),
    bodyElement(task.body),
    strings('Categories', task.categories),
    element('Importance', capitalised(task.importance) ?? 'Normal'),
    element('ReminderDueBy', task.reminder?.at),
    element('ReminderIsSet', task.reminder !== undefined),
    linkKeyElement(linkKeyName, linkKey),
    element('CompleteDate', midnight(task.progress.completed)),
    element('DueDate', midnight(task.dates?.due)),
    element('PercentComplete', task.progress.percent),
    element('StartDate', midnight(task.dates?.start)),
    element('Status', statusNames[task.progress.status]),
  )}</t:Task>`;
}
