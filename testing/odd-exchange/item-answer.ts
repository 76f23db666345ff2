/** An item as GetItem answers it: what was asked for, in schema order, as the traits have it. */
import { itemIdNode, type Named, type OddMailbox, type Stored } from './mailbox.ts';
import { type Node, partsOf, t, textOf } from './node.ts';
import { type Bag, elementsOf } from './properties.ts';
import { planned, told } from './times.ts';
import type { Traits } from './traits.ts';

/** Properties in the order of types.xsd; extended ones go between the common ones and those of the kind. */
const common =
  'ItemClass Subject Sensitivity Body Categories Importance ReminderDueBy ReminderIsSet ReminderMinutesBeforeStart'.split(
    ' ',
  );
const ofKind: Readonly<Record<Stored['kind'], readonly string[]>> = {
  Contact:
    'FileAs FileAsMapping DisplayName GivenName MiddleName Nickname CompanyName EmailAddresses PhysicalAddresses PhoneNumbers AssistantName Birthday BusinessHomePage Children Department Generation ImAddresses JobTitle Manager OfficeLocation PostalAddressIndex Profession SpouseName Surname WeddingAnniversary'.split(
      ' ',
    ),
  CalendarItem:
    'Start End OriginalStart IsAllDayEvent LegacyFreeBusyStatus Location IsCancelled CalendarItemType MyResponseType Organizer RequiredAttendees OptionalAttendees Resources AppointmentState Recurrence ModifiedOccurrences DeletedOccurrences StartTimeZone EndTimeZone'.split(
      ' ',
    ),
  Task: 'CompleteDate DueDate PercentComplete Recurrence StartDate Status'.split(' '),
};

const classes: Readonly<Record<Stored['kind'], string>> = {
  Contact: 'IPM.Contact',
  CalendarItem: 'IPM.Appointment',
  Task: 'IPM.Task',
};

const timed = new Set(
  'Start End OriginalStart ReminderDueBy StartDate DueDate CompleteDate Birthday WeddingAnniversary'.split(' '),
);

/** The element of an item; `asked` holds property keys, none asks for the id alone. */
export function itemAnswer(mailbox: OddMailbox, named: Named, asked: ReadonlySet<string>): Node {
  const { traits } = mailbox;
  const { item, index } = named;
  const own = index === undefined ? undefined : item.occurrences.get(index);
  const key = mailbox.keyOf(traits.ownOccurrenceKeys === true && own !== undefined ? own : item);
  const bag = withDerived(mailbox, named, new Map([...item.bag, ...(own?.bag ?? [])]));
  const extended = [...asked].filter((name) => name.includes(':') && !name.includes('/'));
  const names = [...common.filter((name) => asked.has(name)), ...extended];
  for (const name of ofKind[item.kind]) if (asked.has(name)) names.push(name);
  const hidden = hiddenNames(traits);
  const parts: Node[] = [];
  for (const name of names) {
    if (hidden.has(name)) continue;
    const found = elementsOf(bag, name, traits);
    if (found.length > 0) parts.push(...found.map((one) => dressed(one, traits)));
    else if (traits.emptyElements === true && !name.includes(':')) parts.push(t(name));
  }
  return t(item.kind, [itemIdNode(own?.id ?? item.id, key), ...parts]);
}

function hiddenNames(traits: Traits): ReadonlySet<string> {
  const names: string[] = [];
  if (traits.hidesItemClass === true) names.push('ItemClass');
  if (traits.forgetsZones === true) names.push('StartTimeZone', 'EndTimeZone');
  if (traits.hidesOccurrences === true) names.push('ModifiedOccurrences', 'DeletedOccurrences');
  if (traits.hidesMeetingParts === true) names.push('IsCancelled', 'MyResponseType', 'Organizer', 'AppointmentState');
  return new Set(names);
}

/** Adds what the server itself knows of the item. */
function withDerived(mailbox: OddMailbox, { item, index }: Named, bag: Bag): Bag {
  if (!bag.has('ItemClass')) bag.set('ItemClass', t('ItemClass', classes[item.kind]));
  if (item.kind !== 'CalendarItem') return bag;
  const isSeries = bag.has('Recurrence');
  const type = index !== undefined ? 'Exception' : isSeries ? 'RecurringMaster' : 'Single';
  bag.set('CalendarItemType', t('CalendarItemType', type));
  bag.set('IsCancelled', t('IsCancelled', 'false'));
  bag.set('MyResponseType', t('MyResponseType', 'Organizer'));
  bag.set('AppointmentState', t('AppointmentState', bag.has('RequiredAttendees') ? '1' : '0'));
  if (!bag.has('LegacyFreeBusyStatus')) bag.set('LegacyFreeBusyStatus', t('LegacyFreeBusyStatus', 'Busy'));
  if (index !== undefined) {
    bag.delete('Recurrence');
    bag.set('OriginalStart', t('OriginalStart', planned(item, index)?.start ?? ''));
    return bag;
  }
  if (isSeries) addOccurrences(mailbox, item, bag);
  return bag;
}

function addOccurrences(mailbox: OddMailbox, item: Stored, bag: Bag): void {
  const { traits } = mailbox;
  const modified = [...item.occurrences].map(([place, own]) => {
    const plan = planned(item, place);
    const time = (name: string, otherwise: string | undefined) =>
      t(name, told(textOf(own.bag.get(name)) || (otherwise ?? ''), traits));
    return t('Occurrence', [
      itemIdNode(own.id, mailbox.keyOf(item)),
      time('Start', plan?.start),
      time('End', plan?.end),
      t('OriginalStart', told(plan?.start ?? '', traits)),
    ]);
  });
  const deleted = [...item.excluded].map((place) =>
    t('DeletedOccurrence', [t('Start', told(planned(item, place)?.start ?? '', traits))]),
  );
  if (modified.length > 0) bag.set('ModifiedOccurrences', t('ModifiedOccurrences', modified));
  if (deleted.length > 0) bag.set('DeletedOccurrences', t('DeletedOccurrences', deleted));
}

function dressed(one: Node, traits: Traits): Node {
  if (timed.has(one.name)) return t(one.name, told(textOf(one), traits));
  if (one.name === 'Body' && traits.bodyAsHtml === true) return asHtml(one);
  if (one.name === 'Recurrence' && traits.zonedDates === true) return zoned(one);
  return one;
}

function asHtml(body: Node): Node {
  const lines = textOf(body).replaceAll('&', '&amp;').replaceAll('<', '&lt;').split(/\r?\n/);
  return t('Body', `<html><head><style>p {margin: 0}</style></head><body>${lines.join('<br>')}</body></html>`, {
    BodyType: 'HTML',
  });
}

/** Dates of rules with the offset nobody asked for. */
function zoned(one: Node): Node {
  if (typeof one.content !== 'string') return { ...one, content: partsOf(one).map(zoned) };
  return /^(Start|End)Date$/.test(one.name) ? { ...one, content: `${one.content.slice(0, 10)}+01:00` } : one;
}
