/**
 * The mailbox all benches work on, as canonical items: contacts with what people fill in, appointments of which some are
 * series with changed and removed occurrences, tasks. Seeded; the same counts give the same items.
 */
import { occurrences } from '#model/expand.ts';
import type { CalendarEvent, Contact, Item, LocalDateTime, Override, Task } from '#model/item.ts';
import { localOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import { weekdays } from '#model/recurrence.ts';
import { type Draw, drawFrom } from './draw.ts';
import { cities, companies, givenNames, jobTitles, notes, rooms, streets, surnames, topics } from './words.ts';

export interface ContentCounts {
  readonly contacts: number;
  readonly appointments: number;
  /** How many of the appointments are series; four in ten of them have changed or removed occurrences. */
  readonly series: number;
  readonly tasks: number;
}

export interface Content {
  readonly contact: readonly Contact[];
  readonly event: readonly CalendarEvent[];
  readonly task: readonly Task[];
}

/** The user whose mailbox it is; organizes the meetings in it. */
export const owner = 'anna.berger@example.test';

/** The mailbox the brief's numbers are about: 3,300 items. */
export const standardCounts: ContentCounts = { contacts: 2_000, appointments: 1_000, series: 100, tasks: 300 };

export function contentOf(counts: ContentCounts, seed = 7): Content {
  const draw = drawFrom(seed);
  const spacing = counts.series === 0 ? Number.POSITIVE_INFINITY : Math.floor(counts.appointments / counts.series);
  return {
    contact: times(counts.contacts, (index) => contactOf(draw, index)),
    event: times(counts.appointments, (index) => eventOf(draw, index, index % spacing === spacing - 1)),
    task: times(counts.tasks, (index) => taskOf(draw, index)),
  };
}

/** Every item of the content. */
export function allItems(content: Content): readonly Item[] {
  return [...content.contact, ...content.event, ...content.task];
}

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function contactOf(draw: Draw, index: number): Contact {
  const given = draw.pick(givenNames);
  const surname = draw.pick(surnames);
  const company = draw.pick(companies);
  const address = `${given}.${surname}.${index}`
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z0-9.]/g, '');
  const more = <T>(probability: number, value: T): T | undefined => (draw.chance(probability) ? value : undefined);
  return normalise<Contact>(
    withoutGaps({
      kind: 'contact',
      name: withoutGaps({ prefix: more(0.1, 'Dr.'), given, middle: more(0.2, draw.pick(givenNames)), surname }),
      organization: withoutGaps({
        company,
        department: more(0.5, 'Sales & Service'),
        jobTitle: draw.pick(jobTitles),
        office: more(0.3, `${draw.whole(1, 9)}.${draw.whole(100, 499)}`),
      }),
      emails: withoutGaps({ 1: `${address}@example.test`, 2: more(0.3, `${address}@home.example`) }),
      phones: withoutGaps({
        business: phone(draw),
        mobile: more(0.8, phone(draw)),
        home: more(0.3, phone(draw)),
        businessFax: more(0.3, phone(draw)),
      }),
      addresses: withoutGaps({ business: addressOf(draw), home: more(0.3, addressOf(draw)) }),
      mailingAddress: 'business',
      webPage: more(0.4, 'https://www.example.test/about'),
      birthday: more(0.3, `19${draw.whole(50, 99)}-0${draw.whole(1, 9)}-${draw.whole(10, 28)}`),
      relations: more(0.2, { assistant: `${draw.pick(givenNames)} ${draw.pick(surnames)}` }),
      categories: more(0.4, ['Customers', draw.pick(['Berlin', 'Key account', 'Newsletter'])]),
      body: more(0.5, { text: noteOf(draw) }),
    } as Contact),
  );
}

function eventOf(draw: Draw, index: number, isSeries: boolean): CalendarEvent {
  const allDay = draw.chance(0.1);
  const day = localOf(secondsOf('2030-01-07T00:00:00') + draw.whole(0, 500) * 86_400);
  const start = allDay ? day : localOf(secondsOf(day) + draw.whole(14, 34) * 1_800);
  const end = localOf(secondsOf(start) + (allDay ? 86_400 : draw.pick([1_800, 3_600, 5_400])));
  const zone = allDay ? undefined : draw.pick(['Europe/Berlin', 'Europe/Berlin', 'America/New_York', 'Europe/London']);
  const event = withoutGaps({
    kind: 'event',
    title: `${draw.pick(topics)} ${draw.pick(companies)}`,
    location: draw.chance(0.7) ? draw.pick(rooms) : undefined,
    when: withoutGaps({ start, end, allDay, zone }),
    showAs: allDay ? 'free' : draw.pick(['busy', 'busy', 'busy', 'tentative', 'outOfOffice']),
    reminder: draw.chance(0.7) ? { minutesBefore: 15 } : undefined,
    importance: draw.chance(0.1) ? 'high' : undefined,
    sensitivity: draw.chance(0.1) ? 'private' : undefined,
    categories: draw.chance(0.3) ? ['Customers'] : undefined,
    body: draw.chance(0.6) ? { text: noteOf(draw) } : undefined,
    ...(draw.chance(0.25) ? meetingOf(draw) : {}),
  }) as CalendarEvent;
  return normalise(isSeries ? seriesOf(draw, event, index) : event);
}

function meetingOf(draw: Draw): Partial<CalendarEvent> {
  const people = times(draw.whole(1, 4), () => `${draw.pick(givenNames)} ${draw.pick(surnames)}`);
  const attendees = people.map((name, index) => {
    const address = `${name
      .toLowerCase()
      .normalize('NFD')
      .replace(/[^a-z]/g, '')}@example.test`;
    return [address, { name, role: index === 3 ? 'optional' : 'required' }] as const;
  });
  return {
    attendees: Object.fromEntries(attendees),
    responses: Object.fromEntries(attendees.slice(0, 1).map(([address]) => [address, 'accepted' as const])),
    meeting: { organizing: true, organizer: owner },
  };
}

function seriesOf(draw: Draw, event: CalendarEvent, index: number): CalendarEvent {
  const { start } = event.when;
  const weekday = weekdays[(new Date(`${start}Z`).getUTCDay() + 6) % 7]!;
  const recurrence = draw.pick([
    {
      pattern: { kind: 'weekly', interval: 1, days: [weekday], firstDay: 'monday' },
      range: { kind: 'count', count: 12 },
    },
    { pattern: { kind: 'daily', interval: 2 }, range: { kind: 'count', count: 10 } },
    { pattern: { kind: 'monthly', interval: 1, day: Number(start.slice(8, 10)) }, range: { kind: 'noEnd' } },
  ] as const);
  const series: CalendarEvent = { ...event, recurrence };
  if (Math.floor(index / 10) % 5 >= 2) return series;
  const [, second, third, fourth] = [...occurrences(start, recurrence, { max: 4 })];
  const moved = localOf(secondsOf(second!) + 3_600);
  const length = secondsOf(event.when.end) - secondsOf(start);
  const overrides: Record<LocalDateTime, Override> = {
    [second!]: event.when.allDay
      ? { patch: { title: `${event.title} (changed)` } }
      : { patch: { when: { start: moved, end: localOf(secondsOf(moved) + length), allDay: false } } },
    [third!]: { patch: { location: 'Room 7' } },
    [fourth!]: { excluded: true },
  };
  return { ...series, overrides };
}

function taskOf(draw: Draw, index: number): Task {
  const status = draw.pick(['notStarted', 'inProgress', 'completed', 'waiting', 'deferred'] as const);
  const percent = { notStarted: 0, inProgress: 40, completed: 100, waiting: 20, deferred: 0 }[status];
  const due = localOf(secondsOf('2030-01-07T00:00:00') + draw.whole(0, 300) * 86_400).slice(0, 10);
  return normalise(
    withoutGaps({
      kind: 'task',
      title: `${draw.pick(topics)} ${index}`,
      dates: { start: due, due },
      progress: withoutGaps({ status, percent, completed: status === 'completed' ? due : undefined }),
      reminder: draw.chance(0.4) ? { at: `${due}T07:00:00Z` } : undefined,
      importance: draw.chance(0.2) ? 'high' : undefined,
      categories: draw.chance(0.3) ? ['Customers'] : undefined,
      body: draw.chance(0.5) ? { text: noteOf(draw) } : undefined,
    }) as Task,
  );
}

function phone(draw: Draw): string {
  return `+49 30 ${draw.whole(1_000_000, 9_999_999)}`;
}

function addressOf(draw: Draw) {
  return {
    street: `${draw.pick(streets)} ${draw.whole(1, 180)}`,
    city: draw.pick(cities),
    postcode: String(draw.whole(10_000, 99_999)),
    country: 'Germany',
  };
}

function noteOf(draw: Draw): string {
  return times(draw.whole(1, 5), () => draw.pick(notes)).join('\n');
}

function withoutGaps<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
