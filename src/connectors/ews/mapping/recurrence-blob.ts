/**
 * The one fact of a rule that EWS keeps to itself: requests below Exchange2013 get weekly rules without the first day of
 * the week, which decides every other week's days. The binary rule behind has it (MS-OXOCAL 2.2.1.44.1 RecurrencePattern).
 */
import type { Weekday } from '#model/recurrence.ts';
import { xml } from '#xml/writer.ts';
import type { ExtendedProperty } from './extended.ts';
import { hasName } from './extended.ts';

const appointmentRecurId = 0x8216;
const taskRecurrenceId = 0x8116;

/** `t:ExtendedFieldURI` of PidLidAppointmentRecur. */
export const appointmentRuleUri = xml`<t:ExtendedFieldURI DistinguishedPropertySetId="Appointment" PropertyId="${appointmentRecurId}" PropertyType="Binary"/>`;

/** `t:ExtendedFieldURI` of PidLidTaskRecurrence. */
export const taskRuleUri = xml`<t:ExtendedFieldURI DistinguishedPropertySetId="Task" PropertyId="${taskRecurrenceId}" PropertyType="Binary"/>`;

/** The binary rule, in base64, when the property is one. */
export function binaryRuleOf(property: ExtendedProperty): string | undefined {
  const isRule = hasName(property, 'Appointment', appointmentRecurId) || hasName(property, 'Task', taskRecurrenceId);
  return isRule && property.value !== '' ? property.value : undefined;
}

const days: readonly Weekday[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const version = 0x3004;
const weeklyPattern = 1;
const patternTypeAt = 6;
const firstDayAt = 34;

/** FirstDOW of a weekly rule; undefined when the bytes are no such rule. */
export function firstDayOfWeek(base64: string): Weekday | undefined {
  // The head is enough: exceptions of a long series follow it.
  const head = Buffer.from(base64.trim().slice(0, 64), 'base64');
  if (head.length < firstDayAt + 4 || head.readUInt16LE(0) !== version) return undefined;
  if (head.readUInt16LE(patternTypeAt) !== weeklyPattern) return undefined;
  return days[head.readUInt32LE(firstDayAt)];
}
