/** Items as Outlook writes them: complete properties, local midnights, "file as" filled, independent of any face. */
import { completeAppointment } from '../truth/appointment-rules.ts';
import { completeContact } from '../truth/contact-rules.ts';
import { Draft } from '../truth/draft.ts';
import type { Item } from '../truth/item.ts';
import type { Mailbox } from '../truth/mailbox.ts';
import { contact, email, event, message, phone, postal, todo } from '../truth/property-keys.ts';
import { dayOf, type Rule } from '../truth/recurrence.ts';
import { completeTask, taskStatus } from '../truth/task-rules.ts';
import { utcOf } from '../truth/zone.ts';
import type { MeetingRecord, PersonRecord, TaskRecord } from './fixtures.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Code of "Last, First" in PidLidFileUnderId. */
const lastCommaFirst = 0x8017;

/** Adds a contact made from a person. */
export function addContact(mailbox: Mailbox, person: PersonRecord): Item {
  const draft = new Draft();
  draft.set(message.itemClass, 'IPM.Contact');
  draft.put(contact.displayNamePrefix, person.prefix);
  draft.set(contact.givenName, person.given);
  draft.put(contact.middleName, person.middle);
  draft.set(contact.surname, person.surname);
  draft.put(contact.generation, person.suffix);
  draft.put(contact.nickname, person.nickname);
  draft.set(contact.companyName, person.company.name);
  draft.set(contact.jobTitle, person.jobTitle);
  draft.set(contact.department, person.department);
  draft.put(contact.spouse, person.spouse);
  draft.set(contact.fileAsMapping, lastCommaFirst);
  setEmails(draft, person);
  setPhones(draft, person);
  setAddresses(draft, person);
  if (person.birthday !== undefined) {
    const { year, month, day } = person.birthday;
    draft.set(contact.birthday, utcOf(mailbox.description.zone, dayOf(year, month, day) * dayMs));
  }
  setCommon(draft, person.notes, person.categories);
  completeContact(draft);
  return mailbox.create(mailbox.wellKnown('contacts'), draft, mailbox.description.displayName);
}

/** Adds an appointment, or a series when there is a rule. */
export function addAppointment(mailbox: Mailbox, meeting: MeetingRecord, rule?: Rule): Item {
  const { zone } = mailbox.description;
  const draft = new Draft();
  draft.set(message.itemClass, 'IPM.Appointment');
  draft.set(message.subject, meeting.subject);
  draft.set(event.location, meeting.location ?? '');
  draft.set(event.busyStatus, meeting.allDay ? 0 : 2);
  draft.set(message.sensitivity, meeting.isPrivate ? 2 : 0);
  draft.set(message.isPrivate, meeting.isPrivate);
  draft.set(message.reminderIsSet, meeting.reminderMinutes !== undefined);
  draft.set(message.reminderMinutes, meeting.reminderMinutes ?? 15);
  draft.set(message.fromName, mailbox.description.displayName);
  draft.set(message.fromAddress, mailbox.address);
  draft.recipients = meeting.attendees.map((person) => ({
    kind: 'to',
    name: `${person.given} ${person.surname}`,
    address: person.emails[0] ?? '',
    addressType: 'SMTP',
    response: 'notResponded',
  }));
  setCommon(draft, meeting.notes, meeting.categories);
  const startWallMs = meeting.day * dayMs + meeting.startMinute * minuteMs;
  const fault = completeAppointment(
    draft,
    {
      start: { kind: 'wall', wallMs: startWallMs },
      end: { kind: 'wall', wallMs: startWallMs + meeting.durationMinutes * minuteMs },
      startZone: zone,
      endZone: zone,
      allDay: meeting.allDay,
      rule,
    },
    mailbox,
  );
  if (fault !== undefined) throw new Error(`a seeded appointment was refused: ${fault}`);
  return mailbox.create(mailbox.wellKnown('calendar'), draft, mailbox.description.displayName);
}

/** Adds a task, or a recurring one when there is a rule. */
export function addTask(mailbox: Mailbox, task: TaskRecord, rule?: Rule): Item {
  const { zone } = mailbox.description;
  const draft = new Draft();
  draft.set(message.itemClass, 'IPM.Task');
  draft.set(message.subject, task.subject);
  draft.set(message.importance, { low: 0, normal: 1, high: 2 }[task.importance]);
  draft.set(todo.status, taskStatus[rule === undefined ? task.status : 'notStarted']);
  draft.set(todo.percentComplete, rule === undefined ? task.percent / 100 : 0);
  setCommon(draft, task.notes, task.categories);
  const midnight = (day: number | undefined) => (day === undefined ? undefined : utcOf(zone, day * dayMs));
  const dates = { startMs: midnight(task.startDay), dueMs: midnight(task.dueDay), rule, zone };
  const fault = completeTask(draft, dates, mailbox);
  if (fault !== undefined) throw new Error(`a seeded task was refused: ${fault}`);
  return mailbox.create(mailbox.wellKnown('tasks'), draft, mailbox.description.displayName);
}

function setCommon(draft: Draft, notes: string | undefined, categories: readonly string[]): void {
  draft.put(message.body, notes);
  if (categories.length > 0) draft.set(message.categories, categories);
}

function setEmails(draft: Draft, person: PersonRecord): void {
  for (const [index, address] of person.emails.slice(0, email.length).entries()) {
    const slot = email[index];
    if (slot === undefined) continue;
    draft.set(slot.address, address);
    draft.set(slot.addressType, 'SMTP');
    draft.set(slot.displayName, `${person.given} ${person.surname} (${address})`);
    draft.set(slot.originalDisplayName, address);
  }
}

function setPhones(draft: Draft, person: PersonRecord): void {
  const numbers = {
    BusinessPhone: person.businessPhone,
    MobilePhone: person.mobilePhone,
    HomePhone: person.homePhone,
    CompanyMainPhone: person.company.phone,
  };
  for (const [name, number] of Object.entries(numbers)) {
    const key = phone[name];
    if (key !== undefined) draft.put(key, number);
  }
}

function setAddresses(draft: Draft, person: PersonRecord): void {
  const { company } = person;
  draft.set(postal.Business.Street, company.street);
  draft.set(postal.Business.City, company.city);
  draft.set(postal.Business.PostalCode, company.postalCode);
  draft.set(postal.Business.CountryOrRegion, company.country);
  draft.put(postal.Home.Street, person.homeStreet);
  draft.put(postal.Home.City, person.homeCity);
  draft.put(postal.Home.PostalCode, person.homePostalCode);
  draft.set(contact.postalAddressIndex, 2);
}
