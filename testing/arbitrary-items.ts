/**
 * Arbitrary items for property tests: valid (`problems` finds nothing) and normalised unless the name says otherwise.
 * `series` start on an occurrence of their rule, and their overrides are occurrences that stay on their own day.
 */
import fc from 'fast-check';
import { nthOccurrence } from '#model/expand.ts';
import type {
  AttendeeRole,
  CalendarEvent,
  Contact,
  Item,
  LocalDateTime,
  Override,
  OverridePatch,
  PlainDate,
  ResponseStatus,
  ShowAs,
  Task,
  When,
  ZoneId,
} from '#model/item.ts';
import { addressSlots, emailSlots, phoneSlots } from '#model/item.ts';
import { dateOf, daySeconds, daysOf, localOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import type { RecurrenceRule } from '#model/recurrence.ts';
import { toInstant, toLocal } from '#model/zones.ts';
import { plainDates, rules, taskRecurrences } from './arbitrary-rules.ts';

const words = [
  'Anna',
  'Review',
  'Müller',
  'Ελένη',
  '会議',
  'O’Neil',
  'a&b',
  '<x>',
  '"q"',
  'café',
  '🙂',
  '100%',
  "it's",
];

/** One line of text that survives every side: no blanks at the ends. */
export const lineTexts: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' ')),
  fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9 .,;:/-]{0,30}[a-zA-Z0-9])?$/),
);

/** Several lines, blank ones among them. */
export const bodyTexts: fc.Arbitrary<string> = fc
  .array(fc.oneof(lineTexts, fc.constant('')), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('\n').replace(/^\n+|\n+$/g, '') || 'text');

export const zoneIds: fc.Arbitrary<ZoneId> = fc.constantFrom(
  'Etc/UTC',
  'Europe/Berlin',
  'Europe/Paris',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
);

const emailAddresses = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/), fc.constantFrom('example.com', 'example.org', 'mail.example.net'))
  .map(([name, domain]) => `${name}@${domain}`);

const categories = fc.array(fc.constantFrom('Red', 'Key customer', 'Œuvre', 'zeta', '日本'), { maxLength: 4 });
const sensitivities = fc.constantFrom('personal', 'private', 'confidential');
const importances = fc.constantFrom('low', 'high');
const bodies = bodyTexts.map((text) => ({ text }));

export const contacts: fc.Arbitrary<Contact> = fc
  .record(
    {
      kind: fc.constant('contact' as const),
      name: leaves(['prefix', 'given', 'middle', 'surname', 'suffix', 'nickname'], lineTexts),
      organization: leaves(['company', 'department', 'jobTitle', 'office', 'profession'], lineTexts),
      emails: leaves(emailSlots, emailAddresses),
      phones: leaves(phoneSlots, fc.stringMatching(/^\+[1-9][0-9]{1,2} [0-9]{2,4} [0-9]{3,8}$/)),
      addresses: leaves(
        addressSlots,
        fc.record(
          { street: bodyTexts, city: lineTexts, region: lineTexts, postcode: lineTexts, country: lineTexts },
          { requiredKeys: ['city'] },
        ),
      ),
      mailingAddress: fc.constantFrom(...addressSlots),
      ims: leaves(emailSlots, emailAddresses),
      webPage: emailAddresses.map((address) => `https://${address.slice(address.indexOf('@') + 1)}/`),
      birthday: plainDates,
      anniversary: plainDates,
      relations: fc.record(
        {
          manager: lineTexts,
          assistant: lineTexts,
          spouse: lineTexts,
          children: fc.array(lineTexts, { minLength: 1, maxLength: 3 }),
        },
        { requiredKeys: [] },
      ),
      categories,
      sensitivity: sensitivities,
      body: bodies,
    },
    { requiredKeys: ['kind'] },
  )
  .map((contact) => normalise(contact as Contact));

/** Two minutes of one day in order. */
const spans = fc
  .tuple(fc.integer({ min: 0, max: 1200 }), fc.integer({ min: 0, max: 239 }))
  .map(([start, length]): readonly [number, number] => [start, start + length]);

const showAs = fc.constantFrom<ShowAs[]>('free', 'tentative', 'busy', 'outOfOffice', 'workingElsewhere');
const reminders = fc.integer({ min: 0, max: 20_160 }).map((minutesBefore) => ({ minutesBefore }));

const attendees = fc.dictionary(
  emailAddresses,
  fc.record(
    { name: lineTexts, role: fc.constantFrom<AttendeeRole[]>('required', 'optional', 'resource') },
    { requiredKeys: ['role'] },
  ),
  { maxKeys: 4, noNullPrototype: true },
);

/** Groups of an event besides its time and rule. */
const eventDetails = fc.record(
  {
    title: lineTexts,
    location: lineTexts,
    showAs,
    reminder: reminders,
    importance: importances,
    sensitivity: sensitivities,
    categories,
    attendees,
    meeting: fc.record(
      {
        organizing: fc.boolean(),
        organizer: emailAddresses,
        myResponse: fc.constantFrom<ResponseStatus[]>('accepted', 'tentative', 'declined'),
      },
      { requiredKeys: ['organizing'] },
    ),
    body: bodies,
  },
  { requiredKeys: ['showAs'] },
);

/** One event, timed or all-day, whose ends exist on the clock of its zone. */
export const singleEvents: fc.Arbitrary<CalendarEvent> = fc
  .tuple(eventDetails, whens())
  .map(([details, when]) => normalise({ kind: 'event', ...details, when } as CalendarEvent));

/** A recurring event with up to four overrides. */
export const series: fc.Arbitrary<CalendarEvent> = fc
  .tuple(eventDetails, rules)
  .chain(([details, { rule, start }]) => {
    const when = fc.oneof(allDay(fc.constant(start), 1), withinDay(fc.constant(start)));
    return fc.tuple(fc.constant(details), fc.constant(rule), when);
  })
  .chain(([details, rule, when]) =>
    overridesOf(when, rule).map((overrides) =>
      normalise({ kind: 'event', ...details, when, recurrence: rule, overrides } as CalendarEvent),
    ),
  );

export const events: fc.Arbitrary<CalendarEvent> = fc.oneof(singleEvents, series);

export const tasks: fc.Arbitrary<Task> = fc
  .record(
    {
      kind: fc.constant('task' as const),
      title: lineTexts,
      dates: fc
        .tuple(plainDates, fc.integer({ min: 0, max: 90 }), fc.constantFrom('start', 'due', 'both'))
        .map(([start, days, which]) => ({
          ...(which === 'due' ? {} : { start }),
          ...(which === 'start' ? {} : { due: dateOf(daysOf(start) + days) }),
        })),
      progress: fc.oneof(
        fc.record({ status: fc.constant('notStarted'), percent: fc.constant(0) }),
        fc.record({
          status: fc.constantFrom('inProgress', 'waiting', 'deferred'),
          percent: fc.integer({ min: 0, max: 99 }),
        }),
        fc.record(
          { status: fc.constant('completed'), percent: fc.constant(100), completed: plainDates },
          { requiredKeys: ['status', 'percent'] },
        ),
      ),
      recurrence: taskRecurrences,
      reminder: plainDates.map((date) => ({ at: `${date}T07:30:00Z` })),
      importance: importances,
      sensitivity: sensitivities,
      categories,
      body: bodies,
    },
    { requiredKeys: ['kind', 'progress'] },
  )
  .map((task) => normalise(task as Task));

export const items: fc.Arbitrary<Item> = fc.oneof<fc.Arbitrary<Item>[]>(contacts, events, tasks);

/** Two items of the same kind. */
export const itemPairs: fc.Arbitrary<readonly [Item, Item]> = fc.oneof<fc.Arbitrary<readonly [Item, Item]>[]>(
  fc.tuple(contacts, contacts),
  fc.tuple(events, events),
  fc.tuple(tasks, tasks),
);

function leaves<K extends string, V>(keys: readonly K[], value: fc.Arbitrary<V>): fc.Arbitrary<{ [key in K]?: V }> {
  const model = Object.fromEntries(keys.map((key) => [key, value])) as Record<K, fc.Arbitrary<V>>;
  return fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<{ [key in K]?: V }>;
}

function whens(): fc.Arbitrary<When> {
  return fc.oneof(allDay(plainDates, 10), timed(plainDates), withinDay(plainDates));
}

function allDay(dates: fc.Arbitrary<PlainDate>, daysMax: number): fc.Arbitrary<When> {
  return fc.tuple(dates, fc.integer({ min: 1, max: daysMax })).map(([date, days]) => ({
    start: `${date}T00:00:00`,
    end: `${dateOf(daysOf(date) + days)}T00:00:00`,
    allDay: true,
  }));
}

/** Starts and ends at any minute, may last several days. */
function timed(dates: fc.Arbitrary<PlainDate>): fc.Arbitrary<When> {
  const minutes = fc.integer({ min: 0, max: 1439 });
  const when = fc.tuple(dates, minutes, fc.integer({ min: 0, max: 4000 }), zoneIds).map(([date, at, length, zone]) => ({
    start: clock(date, at),
    end: clock(date, at + length),
    allDay: false,
    zone,
  }));
  return when.filter(existsOnClock);
}

/** Starts and ends on the same date. */
function withinDay(dates: fc.Arbitrary<PlainDate>): fc.Arbitrary<When> {
  return fc
    .tuple(dates, spans, zoneIds)
    .map(([date, [start, end], zone]) => ({ start: clock(date, start), end: clock(date, end), allDay: false, zone }))
    .map((when) => (existsOnClock(when) ? when : { ...when, zone: 'Etc/UTC' }));
}

function clock(date: PlainDate, minutes: number): LocalDateTime {
  return localOf(daysOf(date) * daySeconds + minutes * 60);
}

function existsOnClock({ start, end, zone }: When): boolean {
  return zone === undefined || [start, end].every((local) => toLocal(toInstant(local, zone), zone) === local);
}

function overridesOf(when: When, rule: RecurrenceRule): fc.Arbitrary<Record<LocalDateTime, Override>> {
  const place = fc.integer({ min: 1, max: 12 });
  const override = fc.oneof(fc.constant<Override>({ excluded: true }), patches(when));
  return fc.array(fc.tuple(place, override), { maxLength: 4 }).map((chosen) => {
    const result: Record<LocalDateTime, Override> = {};
    for (const [n, made] of chosen) {
      const originalStart = nthOccurrence(when.start, rule, n);
      if (originalStart !== undefined) result[originalStart] = onDayOf(originalStart, made, when);
    }
    return result;
  });
}

/** Patches whose `when` is still that of the series' own date. */
function patches(when: When): fc.Arbitrary<Override> {
  const date = when.start.slice(0, 10);
  const moved = spans.map(([start, end]) => ({ start: clock(date, start), end: clock(date, end), allDay: false }));
  const patch = fc.record(
    {
      title: fc.option(lineTexts),
      location: fc.option(lineTexts),
      ...(when.allDay ? {} : { when: moved }),
      showAs,
      reminder: fc.option(reminders),
      body: fc.option(bodies),
    },
    { requiredKeys: [] },
  );
  return patch.map((values) => ({ patch: values as OverridePatch }));
}

function onDayOf(originalStart: LocalDateTime, override: Override, series: When): Override {
  if ('excluded' in override || override.patch.when === undefined) return override;
  const shift = (daysOf(originalStart.slice(0, 10)) - daysOf(series.start.slice(0, 10))) * daySeconds;
  const { start, end, allDay } = override.patch.when;
  const moved = { start: localOf(secondsOf(start) + shift), end: localOf(secondsOf(end) + shift), allDay };
  if (!existsOnClock({ ...moved, ...(series.zone === undefined ? {} : { zone: series.zone }) })) {
    return { excluded: true };
  }
  return { patch: { ...override.patch, when: moved } };
}
