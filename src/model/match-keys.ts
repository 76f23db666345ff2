/**
 * Keys by which two items that were never linked are recognised as the same: exact after folding case, width and white
 * space, each with its rank in front, so that they compare as plain strings. Rank 1 is the strongest. A key proves
 * something only when it is unique on both sides; the engine sees to that.
 */
import { printOf } from './fingerprint.ts';
import type { CalendarEvent, Contact, Instant, Item, LocalDateTime, PhoneSlot, Task, When } from './item.ts';
import { phoneSlots } from './item.ts';
import { isZone, toInstant } from './zones.ts';

const keysMax = 8;
/** Longer keys end in a print of the whole, so that indexes stay small. */
const keyCharsMax = 160;

/** At most eight keys of a normalised item, strongest first; none when it says too little to be recognised. */
export function matchKeys(item: Item): readonly string[] {
  return distinctKeys(item).slice(0, keysMax).map(bounded);
}

function distinctKeys(item: Item): readonly string[] {
  switch (item.kind) {
    case 'contact':
      return contactKeys(item);
    case 'event':
      return eventKeys(item);
    case 'task':
      return taskKeys(item);
  }
}

/**
 * By address; by address and name where a household or an office shares an address; by name, company and telephone; by
 * name, which must have two words, else by company alone.
 */
function contactKeys({ name = {}, organization = {}, emails = {}, phones = {} }: Contact): readonly string[] {
  const fullName = fold(`${name.given ?? ''} ${name.surname ?? ''}`);
  const company = fold(organization.company ?? '');
  const addresses = [...new Set(Object.values(emails).map(fold))].filter((address) => address.includes('@'));
  const byName: string[] = [];
  if (fullName.includes(' ')) byName.push(`4:name:${fullName}`);
  else if (fullName === '' && company !== '') byName.push(`4:company:${company}`);
  const keys = addresses.map((address) => `1:email:${address}`);
  if (fullName !== '') for (const address of addresses) keys.push(`2:email+name:${address}|${fullName}`);
  if (fullName !== '' && company !== '') {
    const tails = phonesInOrder(phones).slice(0, keysMax - keys.length - byName.length);
    for (const tail of tails) keys.push(`3:name+company+phone:${fullName}|${company}|${tail}`);
  }
  return [...keys, ...byName];
}

const telling: readonly PhoneSlot[] = ['mobile', 'business', 'home'];

/** The last digits of each number, those of the person's own numbers first; too short numbers say nothing. */
function phonesInOrder(phones: NonNullable<Contact['phones']>): readonly string[] {
  const tails = new Set<string>();
  for (const slot of [...telling, ...phoneSlots]) {
    // Eight digits are equal whether or not the country and area prefixes are written.
    const digits = (phones[slot] ?? '').normalize('NFKC').replace(/\D/g, '').slice(-8);
    if (digits.length >= 5) tails.add(digits);
  }
  return [...tails];
}

/** By organizer, time and title; a series also by its rule, and at rank 2 without it, as one side may word it otherwise. */
function eventKeys({ title = '', when, recurrence, meeting }: CalendarEvent): readonly string[] {
  const organizer = meeting?.organizer === undefined || meeting.organizing ? 'self' : fold(meeting.organizer);
  const what = `${organizer}|${moment(when.start, when)}|${moment(when.end, when)}|${fold(title)}`;
  if (recurrence === undefined) return [`1:${what}`];
  return [`1:${what}|${printOf(recurrence)}`, `2:series|${what}`];
}

function moment(local: LocalDateTime, { allDay, zone }: When): Instant | string {
  if (allDay) return local.slice(0, 10);
  if (zone === undefined || !isZone(zone)) return `${local}[${zone?.toLowerCase() ?? ''}]`;
  return toInstant(local, zone);
}

function taskKeys({ title, dates }: Task): readonly string[] {
  return title === undefined ? [] : [`1:${fold(title)}|${dates?.due ?? ''}`];
}

/** One spelling of a text; the separator of keys becomes a blank. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('|', ' ').replace(/\s+/g, ' ').trim().normalize('NFKC');
}

function bounded(key: string): string {
  return key.length <= keyCharsMax ? key : `${key.slice(0, keyCharsMax)}#${printOf(key)}`;
}
