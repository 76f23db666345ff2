/** Participants of an appointment: employees, contacts and people known only by address, and attendees. Pure. */
import type { Path } from '#model/groups.ts';
import type { Attendee, AttendeeRole } from '#model/item.ts';
import { addressKey } from '#model/text.ts';
import { keysAt } from './places.ts';
import { meaningOf, roles, textOf } from './values.ts';

/** A row of `crm.activity_employee`, `activity_contact` (one of the ids is set) or `activity_other` (neither). */
export interface ParticipantRow {
  readonly employee_id: number | null;
  readonly contact_id: number | null;
  /** Null: cannot be invited, so is no attendee; never touched. */
  readonly address: string | null;
  readonly name: string | null;
  readonly role: string;
}

/** Whom an address belongs to. */
export interface Person {
  readonly employee_id: number | null;
  readonly contact_id: number | null;
}

export interface ParticipantChanges {
  readonly remove: readonly ParticipantRow[];
  /** Rows to insert, or to change where the person is a participant already. */
  readonly put: readonly ParticipantRow[];
}

type Attendees = Readonly<Record<string, Attendee>>;

/** Attendees by address in lower case. Of several rows with one address the first counts: employees, contacts, others. */
export function attendeesOf(rows: readonly ParticipantRow[]): Attendees {
  const found = new Map<string, Attendee>();
  for (const row of rows) {
    const key = row.address === null ? '' : addressKey(row.address);
    if (key === '' || found.has(key)) continue;
    const role = meaningOf<AttendeeRole>(roles, row.role, 'required');
    found.set(key, row.name === null ? { role } : { name: row.name, role });
  }
  return Object.fromEntries(found);
}

/** Addresses that will be added by these paths, in need of a person. */
export function addressesToAdd(
  current: readonly ParticipantRow[],
  target: Attendees,
  paths: readonly Path[],
): readonly string[] {
  const stored = attendeesOf(current);
  return [...keysAt('attendees', paths, stored, target)].filter(
    (address) => Object.hasOwn(target, address) && !Object.hasOwn(stored, address),
  );
}

/**
 * What brings the participants to `target` at `paths`. A person is a participant once: a second address of the same person
 * is kept by address only, and so is an address of the owner, who is the organizer.
 */
export function participantChanges(
  current: readonly ParticipantRow[],
  target: Attendees,
  paths: readonly Path[],
  people: ReadonlyMap<string, Person>,
  ownerId: number,
): ParticipantChanges {
  const stored = attendeesOf(current);
  const keys = keysAt('attendees', paths, stored, target);
  const remove = current.filter((row) => keys.has(keyOf(row)) && !Object.hasOwn(target, keyOf(row)));
  const staying = current.filter((row) => row.address !== null && !remove.includes(row));
  const put: ParticipantRow[] = [];
  for (const address of keys) {
    const attendee = Object.hasOwn(target, address) ? target[address] : undefined;
    if (attendee === undefined) continue;
    const row = staying.find((each) => keyOf(each) === address);
    if (row === undefined) put.push(newRow(address, attendee, people.get(address), ownerId, [...staying, ...put]));
    else if (differs(row, attendee)) put.push({ ...row, ...columnsOf(attendee, row.role) });
  }
  return { remove, put };
}

function newRow(
  address: string,
  attendee: Attendee,
  person: Person | undefined,
  ownerId: number,
  others: readonly ParticipantRow[],
): ParticipantRow {
  const columns = { address, ...columnsOf(attendee, undefined) };
  const employee = person?.employee_id ?? null;
  if (employee !== null && employee !== ownerId && !others.some((each) => each.employee_id === employee)) {
    return { employee_id: employee, contact_id: null, ...columns };
  }
  const contact = employee === null ? (person?.contact_id ?? null) : null;
  const known = contact !== null && !others.some((each) => each.contact_id === contact);
  return { employee_id: null, contact_id: known ? contact : null, ...columns };
}

function columnsOf(attendee: Attendee, storedRole: string | undefined): Pick<ParticipantRow, 'name' | 'role'> {
  return {
    name: attendee.name ?? null,
    role: textOf<AttendeeRole>(roles, attendee.role, storedRole, 'required') ?? 'Required',
  };
}

function differs(row: ParticipantRow, attendee: Attendee): boolean {
  return (
    (row.name ?? undefined) !== attendee.name || meaningOf<AttendeeRole>(roles, row.role, 'required') !== attendee.role
  );
}

function keyOf(row: ParticipantRow): string {
  return row.address === null ? '' : addressKey(row.address);
}
