/** A write in progress: the draft, and what the request said about time, which is settled when everything was read. */
import { type AppointmentFault, completeAppointment, type Moment } from '../../truth/appointment-rules.ts';
import { completeContact } from '../../truth/contact-rules.ts';
import { Draft } from '../../truth/draft.ts';
import { familyOf, type ItemFamily, itemClassOf, type View } from '../../truth/item.ts';
import { message } from '../../truth/property-keys.ts';
import type { Rule } from '../../truth/recurrence.ts';
import { completeTask, type TaskFault } from '../../truth/task-rules.ts';
import { utc, utcOf, type Zone } from '../../truth/zone.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';

export class Pending {
  readonly call: Call;
  readonly draft: Draft;
  readonly family: ItemFamily;
  start: Moment | undefined;
  end: Moment | undefined;
  startZone: Zone | undefined;
  endZone: Zone | undefined;
  allDay: boolean | undefined;
  rule: Rule | 'remove' | undefined;
  taskStart: Moment | undefined;
  taskDue: Moment | undefined;
  taskCompleted: Moment | undefined;
  isRead: boolean | undefined;

  constructor(call: Call, family: ItemFamily, view?: View) {
    this.call = call;
    this.family = family;
    this.draft = new Draft(view);
  }

  /** The family of an existing item. */
  static of(call: Call, view: View): Pending {
    return new Pending(call, familyOf(itemClassOf(view)), view);
  }

  /** Applies the server's own rules; refuses what they refuse. */
  complete(): void {
    const { mailbox } = this.call;
    switch (this.family) {
      case 'contact':
        completeContact(this.draft);
        return;
      case 'appointment': {
        const fault = completeAppointment(this.draft, { ...this.times(), requestZone: this.call.zone }, mailbox);
        if (fault !== undefined) throw new EwsError(appointmentCodes[fault]);
        return;
      }
      case 'task': {
        const dates = {
          startMs: this.#instant(this.taskStart),
          dueMs: this.#instant(this.taskDue),
          completedMs: this.#instant(this.taskCompleted),
          rule: this.rule,
          zone: this.call.zone ?? utc,
        };
        const fault = completeTask(this.draft, dates, mailbox);
        if (fault !== undefined) throw new EwsError(taskCodes[fault]);
        return;
      }
      case 'list':
      case 'message':
        if (this.draft.get(message.subject) === undefined && this.draft.isNew) this.draft.set(message.subject, '');
        return;
    }
  }

  times() {
    return {
      start: this.start,
      end: this.end,
      startZone: this.startZone,
      endZone: this.endZone,
      allDay: this.allDay,
      rule: this.rule,
    };
  }

  #instant(moment: Moment | undefined): number | undefined {
    if (moment === undefined) return undefined;
    return moment.kind === 'instant' ? moment.utcMs : utcOf(this.call.zone ?? utc, moment.wallMs);
  }
}

const appointmentCodes: Readonly<Record<AppointmentFault, string>> = {
  endBeforeStart: 'ErrorCalendarEndDateIsEarlierThanStartDate',
  tooLong: 'ErrorCalendarDurationIsTooLong',
  crossesNeighbour: 'ErrorOccurrenceCrossingBoundary',
  overlapsNeighbour: 'ErrorOccurrenceTimeSpanTooBig',
  noOccurrence: 'ErrorRecurrenceHasNoOccurrence',
  recurrenceOnOccurrence: 'ErrorInvalidPropertySet',
};

const taskCodes: Readonly<Record<TaskFault, string>> = {
  percentOutOfRange: 'ErrorInvalidPercentCompleteValue',
  completedInFuture: 'ErrorInvalidCompleteDate',
  noOccurrence: 'ErrorRecurrenceHasNoOccurrence',
};
