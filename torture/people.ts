/** People at work: carries out one act on one side, with a fresh witness in every value, and tells the ledger. */
import { isOccurrence, nthOccurrence } from '#model/expand.ts';
import type { CalendarEvent, Contact, Item, Kind, LocalDateTime, Override, Task } from '#model/item.ts';
import { dateOf, daysOf, localOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import type { RecurrenceRule } from '#model/recurrence.ts';
import { problems } from '#model/validate.ts';
import { otherSide, type Side } from '#store/port.ts';
import type { Ledger } from './ledger.ts';
import type { Act } from './script.ts';
import type { TortureSide } from './side.ts';
import { birthMark, birthOf, nightWitness, textWitness, timeWitness } from './witness.ts';

export interface Town {
  readonly sides: Readonly<Record<Side, TortureSide>>;
  readonly ledger: Ledger;
  /** A number nobody had before. */
  serial(): number;
  /** The key in the item is that of the link it belongs to, or belonged to when it was left alone. */
  isKeyed(side: Side, kind: Kind, id: string, key: string): boolean;
  /** The engine has tied this item to one of the other side, or is about to. */
  isLinked(side: Side, kind: Kind, id: string): boolean;
  /** An item that is a second effect of one request has become a person's own. */
  claimTwin(id: string): void;
}

const bulkMax = 40;

/** @returns what was done, for the time line; undefined when there was nothing to do it to */
export function perform(town: Town, act: Act): string | undefined {
  const side = town.sides[act.side];
  switch (act.act) {
    case 'create': {
      const item = newItem(town, act.kind, act.shape);
      return `makes ${made(town, side, item)} ${nameOf(item)}`;
    }
    case 'createBoth': {
      const item = newItem(town, act.kind, act.shape);
      const twin = town.sides[otherSide(act.side)];
      if (side.hidden || twin.hidden) town.ledger.allowOneMore(birthOf(item));
      else town.ledger.doubles.add(birthOf(item) ?? '');
      return `makes ${made(town, side, item)} and ${made(town, twin, item)} ${nameOf(item)}`;
    }
    case 'import': {
      const drawn = newItem(town, act.kind, 0);
      const item = act.key === 'malformed' ? malformed(drawn) : drawn;
      const key = act.key === 'foreign' ? `zzzzzzzz-${'0'.repeat(16)}${1_000 + town.serial()}` : undefined;
      const id = side.create(item, 'person', key);
      town.ledger.note(act.side, id, null, side.items.get(id)?.item ?? item);
      return `imports ${id} ${nameOf(item)}`;
    }
    case 'edit':
      return onPick(town, side, act.pick, (id, item) => {
        let next = item;
        for (let step = 0; step <= act.fields; step += 1) next = edited(town, next, act.field + step);
        return changed(town, side, id, next);
      });
    case 'occurrence':
      return onPick(
        town,
        side,
        act.pick,
        (id, item) => changed(town, side, id, withOccurrence(town, item, act.which, act.how)),
        isSeries,
      );
    case 'rule':
      return onPick(town, side, act.pick, (id, item) => changed(town, side, id, withRule(item, act.shape)), isEvent);
    case 'split':
      return onPick(town, side, act.pick, (id, item) => split(town, side, id, item, act.which), isSeries);
    case 'delete':
      return onPick(town, side, act.pick, (id) => deleted(town, side, id));
    case 'release':
      return onPick(town, side, act.pick, (id, item) => {
        town.ledger.note(act.side, id, item, null);
        // The item lives on elsewhere, with all that was written in it.
        side.release(id, act.reason);
        return `takes ${id} out of scope (${act.reason})`;
      });
    case 'restore':
      return back(town, side, [...side.bin.keys()], act.pick, act.side === 'crm');
    case 'takeBack':
      return back(town, side, [...side.away.keys()], act.pick, act.side === 'crm');
    case 'copy':
      return onPick(town, side, act.pick, (id, item) => {
        town.ledger.allowOneMore(birthOf(item));
        return `copies ${id} to ${side.copy(id)}`;
      });
    case 'move': {
      const movable = recent(town, side).filter((id) => canMove(town, side, id));
      // What was left alone is moved rather than the rest: that it must go on being left alone is easily forgotten.
      const alone = movable.filter((id) => !town.isLinked(act.side, side.items.get(id)!.kind, id));
      const from = alone.length > 0 && act.pick % 2 === 0 ? alone : movable;
      const id = from[act.pick % Math.max(from.length, 1)];
      return id === undefined ? undefined : `moves ${id} to ${side.rename(id)}`;
    }
    case 'bulkEdit':
      return `edits many: ${bulk(side).map((id) => changed(town, side, id, edited(town, side.items.get(id)!.item, act.field))).length}`;
    case 'bulkDelete': {
      const ids = bulk(side);
      return `deletes many: ${ids.slice(0, Math.ceil(ids.length * act.share)).map((id) => deleted(town, side, id)).length}`;
    }
  }
}

/**
 * Without a key that can be read, an item that changes its id cannot be told from a deletion and a new item; such a run
 * would prove nothing.
 */
export function canMove(town: Town, side: TortureSide, id: string): boolean {
  const stored = side.items.get(id);
  if (stored?.linkKey === undefined || stored.poison === 1 || side.hidden) return false;
  return town.isKeyed(side.setting.side, stored.kind, id, stored.linkKey);
}

function bulk(side: TortureSide): readonly string[] {
  return [...side.items.keys()].slice(0, bulkMax);
}

/** The items of this side, the last touched (on either side) first. */
export function recent(town: Pick<Town, 'sides'>, side: TortureSide): readonly string[] {
  const heat = new Map<string, number>();
  let order = 0;
  for (const one of [town.sides.crm, town.sides.mailbox]) {
    for (const id of one.touched.keys()) {
      const item = one.items.get(id)?.item;
      order += 1;
      const birth = item === undefined ? undefined : birthOf(item);
      if (birth !== undefined) heat.set(birth, Math.max(heat.get(birth) ?? 0, order));
    }
    order = 0;
  }
  const warmth = (id: string): number => heat.get(birthOf(side.items.get(id)!.item) ?? '') ?? 0;
  return [...side.items.keys()].sort((one, two) => warmth(two) - warmth(one) || (one < two ? -1 : 1));
}

function onPick(
  town: Town,
  side: TortureSide,
  pick: number,
  act: (id: string, item: Item) => string | undefined,
  fits: (item: Item) => boolean = () => true,
): string | undefined {
  const ids = recent(town, side).filter((id) => fits(side.items.get(id)!.item));
  const id = ids[pick % Math.max(ids.length, 1)];
  return id === undefined ? undefined : act(id, side.items.get(id)!.item);
}

function made(town: Town, side: TortureSide, item: Item): string {
  const id = side.create(item, 'person', undefined);
  town.ledger.note(side.setting.side, id, null, side.items.get(id)?.item ?? item);
  return id;
}

/** An edit that leaves a valid item; a person's program refuses anything else. */
function changed(town: Town, side: TortureSide, id: string, next: Item): string | undefined {
  const before = side.items.get(id)!.item;
  const after = normalise(next);
  if (problems(after).length > 0) return undefined;
  side.change(id, after, 'person');
  town.claimTwin(id);
  // Before they were recognised as the same, two items made by hand may drift apart: then they are two.
  const birth = birthOf(before);
  if (birth !== undefined && town.ledger.doubles.has(birth) && !town.isLinked(side.setting.side, after.kind, id)) {
    town.ledger.doubles.delete(birth);
    town.ledger.allowOneMore(birth);
  }
  town.ledger.note(side.setting.side, id, before, side.items.get(id)!.item);
  return `edits ${id} ${nameOf(after)}`;
}

function deleted(town: Town, side: TortureSide, id: string): string {
  town.ledger.note(side.setting.side, id, side.items.get(id)!.item, null);
  side.remove(id, 'person');
  return `deletes ${id}`;
}

function back(
  town: Town,
  side: TortureSide,
  ids: readonly string[],
  pick: number,
  sameId: boolean,
): string | undefined {
  const id = ids.at(-1 - (pick % Math.max(ids.length, 1)));
  if (id === undefined) return undefined;
  const now = side.bringBack(id, sameId);
  if (now === undefined) return undefined;
  town.ledger.allowOneMore(birthOf(side.items.get(now)!.item));
  return `brings ${id} back as ${now}`;
}

function split(town: Town, side: TortureSide, id: string, item: Item, which: number): string | undefined {
  const event = item as CalendarEvent;
  const rule = event.recurrence as RecurrenceRule;
  const at = nthOccurrence(event.when.start, rule, 2 + (which % 3));
  if (at === undefined) return undefined;
  const until = dateOf(daysOf(at.slice(0, 10)) - 1);
  const first = changed(
    town,
    side,
    id,
    withoutStrays({ ...event, recurrence: { ...rule, range: { kind: 'until', date: until } } }),
  );
  if (first === undefined) return undefined;
  const seconds = secondsOf(event.when.end) - secondsOf(event.when.start);
  const when = { ...event.when, start: at, end: localOf(secondsOf(at) + seconds) };
  const { overrides: _, ...rest } = event;
  const title = `${birthMark(town.serial())} ${textWitness(town.serial())}`;
  const later = normalise<CalendarEvent>({
    ...rest,
    title,
    when,
    recurrence: { ...rule, range: { kind: 'count', count: 5 } },
  });
  return `${first}; this and following: ${made(town, side, later)}`;
}

function newItem(town: Town, kind: Kind, shape: number): Item {
  const mark = birthMark(town.serial());
  const words = textWitness(town.serial());
  switch (kind) {
    case 'contact':
      return normalise<Contact>({
        kind,
        // Some people share a name or have no address: matching must not guess.
        name: { given: shape % 5 === 3 ? 'Ann' : words, surname: mark },
        ...(shape % 5 === 4 ? {} : { emails: { '1': `${addressOf(town, shape)}@example.test` } }),
        ...(shape % 2 === 0 ? { body: { text: textWitness(town.serial()) } } : {}),
      });
    case 'task':
      return normalise<Task>({
        kind,
        title: `${mark} ${words}`,
        progress: { status: 'notStarted', percent: 0 },
        ...(shape % 2 === 0 ? { dates: { due: `2026-05-${String(1 + (shape % 28)).padStart(2, '0')}` } } : {}),
      });
    case 'event':
      return newEvent(town, `${mark} ${words}`, shape);
  }
}

/** Now and then the address of an office, which several people have. */
function addressOf(town: Town, shape: number): string {
  return shape % 10 === 7 ? 'office' : textWitness(town.serial());
}

/** Written by a program that checks nothing. */
function malformed(item: Item): Item {
  switch (item.kind) {
    case 'contact':
      return { ...item, birthday: '1980-02-31' };
    case 'event':
      return { ...item, when: { ...item.when, end: localOf(secondsOf(item.when.start) - 3_600) } };
    case 'task':
      return { ...item, dates: { due: '2026-13-01' } };
  }
}

/** The days around which clocks in Berlin and in New York change, and a plain month. */
const turningDays = ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25', '2026-10-31', '2026-11-01'];

function newEvent(town: Town, title: string, shape: number): CalendarEvent {
  const plain = `2026-04-${String(1 + (shape % 28)).padStart(2, '0')}`;
  const day = shape % 4 === 1 ? (turningDays[shape % turningDays.length] as string) : plain;
  const start = `${day}${shape % 8 === 5 ? nightWitness(town.serial()) : timeWitness(town.serial())}`;
  const single = normalise<CalendarEvent>({
    kind: 'event',
    title,
    when: {
      start,
      end: localOf(secondsOf(start) + 1_800),
      allDay: false,
      zone: shape % 2 === 0 ? 'Europe/Berlin' : 'America/New_York',
    },
    showAs: 'busy',
  });
  return shape % 3 === 0 ? single : (withRule(single, shape) as CalendarEvent);
}

function edited(town: Town, item: Item, field: number): Item {
  const words = textWitness(town.serial());
  switch (item.kind) {
    case 'contact':
      return editedContact(item, field % 8, words);
    case 'task':
      return editedTask(item, field % 5, words, town.serial());
    case 'event':
      return editedEvent(town, item, field % 8, words);
  }
}

function editedContact(item: Contact, field: number, words: string): Contact {
  switch (field) {
    case 0:
      return { ...item, name: { ...item.name, given: words } };
    case 1:
      return { ...item, emails: { ...item.emails, '2': `${words}@example.test` } };
    case 2:
      return { ...item, body: { text: words } };
    case 3:
      return { ...item, phones: { ...item.phones, mobile: `+49 ${words}` } };
    case 4:
      return { ...item, organization: { ...item.organization, company: words } };
    case 5:
      return { ...item, categories: [...(item.categories ?? []).slice(-3), words] };
    case 6:
      return { ...item, ims: { ...item.ims, '1': words } };
    default: {
      const { body: _, ...rest } = item;
      return { ...rest, emails: { ...item.emails, '3': `${words}@example.test` } };
    }
  }
}

function editedTask(item: Task, field: number, words: string, serial: number): Task {
  switch (field) {
    case 0:
      return { ...item, title: `${birthOf(item) ?? ''} ${words}` };
    case 1:
      return { ...item, body: { text: words } };
    case 2:
      return { ...item, dates: { due: dateOf(daysOf('2026-05-01') + (serial % 300)) } };
    case 3:
      return { ...item, progress: { status: 'inProgress', percent: 1 + (serial % 98) } };
    default:
      return { ...item, categories: [...(item.categories ?? []).slice(-3), words] };
  }
}

function editedEvent(town: Town, item: CalendarEvent, field: number, words: string): CalendarEvent {
  switch (field) {
    case 0:
      return { ...item, title: `${birthOf(item) ?? ''} ${words}` };
    case 1:
      return { ...item, location: words };
    case 2:
      return { ...item, body: { text: words } };
    case 3: {
      const start = `${item.when.start.slice(0, 10)}${timeWitness(town.serial())}`;
      const seconds = secondsOf(item.when.end) - secondsOf(item.when.start);
      return withoutStrays({ ...item, when: { ...item.when, start, end: localOf(secondsOf(start) + seconds) } });
    }
    case 4:
      return { ...item, categories: [...(item.categories ?? []).slice(-3), words] };
    case 5:
      return { ...item, showAs: item.showAs === 'busy' ? 'free' : 'busy' };
    case 6:
      return { ...item, reminder: { minutesBefore: town.serial() % 120 } };
    default:
      return { ...item, attendees: { ...item.attendees, [`${words}@example.test`]: { role: 'required' } } };
  }
}

function withOccurrence(town: Town, item: Item, which: number, how: 'change' | 'exclude' | 'reset'): Item {
  const event = item as CalendarEvent;
  const start = nthOccurrence(event.when.start, event.recurrence as RecurrenceRule, 1 + (which % 5));
  if (start === undefined) return item;
  const { [start]: before, ...others } = event.overrides ?? {};
  if (how === 'reset') return { ...event, overrides: others };
  if (how === 'exclude') return { ...event, overrides: { ...others, [start]: { excluded: true } } };
  const patch = before !== undefined && 'patch' in before ? before.patch : {};
  const override: Override = {
    patch: {
      ...patch,
      ...(which % 2 === 0
        ? { title: `${birthOf(event) ?? ''} ${textWitness(town.serial())}` }
        : { location: textWitness(town.serial()) }),
    },
  };
  return { ...event, overrides: { ...others, [start]: override } };
}

function withRule(item: Item, shape: number): Item {
  const rule: RecurrenceRule = {
    pattern: shape % 2 === 0 ? { kind: 'daily', interval: 1 + (shape % 3) } : { kind: 'daily', interval: 7 },
    range: shape % 4 === 0 ? { kind: 'noEnd' } : { kind: 'count', count: 4 + (shape % 7) },
  };
  return withoutStrays({ ...(item as CalendarEvent), recurrence: rule });
}

/** What a calendar program drops when a series changes its time or rule: occurrences that are no more. */
function withoutStrays(event: CalendarEvent): CalendarEvent {
  const { overrides, ...rest } = event;
  if (overrides === undefined || event.recurrence === undefined) return rest;
  const rule = event.recurrence;
  const kept = Object.entries(overrides).filter(([start]) =>
    isOccurrence(event.when.start, rule, start as LocalDateTime),
  );
  return kept.length === 0 ? rest : { ...rest, overrides: Object.fromEntries(kept) };
}

function isEvent(item: Item): boolean {
  return item.kind === 'event';
}

function isSeries(item: Item): boolean {
  return item.kind === 'event' && item.recurrence !== undefined;
}

function nameOf(item: Item): string {
  return item.kind === 'contact' ? `${item.name?.given ?? ''} ${item.name?.surname ?? ''}` : (item.title ?? '');
}
