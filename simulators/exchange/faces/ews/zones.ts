/** Time zone definitions in EWS form ([MS-OXWSGTZ]). */
import { child, childrenNamed, childText, type XmlElement } from '#xml/reader.ts';
import { ownZone, type Transition, utc, type YearRule, type Zone, zoneById } from '../../truth/zone.ts';
import { EwsError } from './ews-error.ts';
import { attributeText, durationText, element, readDuration } from './text.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A zone from a TimeZoneDefinition, StartTimeZone or EndTimeZone: by id, else by the definition inside. */
export function readZone(definition: XmlElement): Zone {
  const id = definition.attributes.Id ?? '';
  const known = zoneById(id);
  if (known !== undefined) return known;
  const own = readDefinition(definition, id);
  if (own === undefined) throw new EwsError('ErrorTimeZone', { text: 'The time zone is not known to the server.' });
  return own;
}

/** A full definition under the element name given, e.g. `t:StartTimeZone`. */
export function zoneMarkup(name: string, zone: Zone): string {
  const attributes = `Name="${zone === utc ? 'UTC' : attributeText(zone.name)}" Id="${attributeText(zoneId(zone))}"`;
  return `<t:${name} ${attributes}>${definitionContent(zone)}</t:${name}>`;
}

/** The short form that lists of zones without full data have. */
export function emptyZoneMarkup(zone: Zone): string {
  return `<t:TimeZoneDefinition Name="${attributeText(zone.name)}" Id="${attributeText(zone.id)}"><t:Periods/><t:TransitionsGroups/></t:TimeZoneDefinition>`;
}

function zoneId(zone: Zone): string {
  return zone === utc ? 'tzone://Microsoft/Utc' : zone.id;
}

function definitionContent(zone: Zone): string {
  if (zone === utc) {
    const id = 'tzrule://Microsoft/UtcRule';
    return `<t:Periods><t:Period Bias="PT0H" Name="UTC rule" Id="${id}"/></t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0"><t:Transition><t:To Kind="Period">${id}</t:To></t:Transition></t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition></t:Transitions>`;
  }
  const base = `trule:Microsoft/Registry/${attributeText(zone.id)}/1-`;
  const standard = period(-zone.standardOffsetMs, 'Standard', `${base}Standard`);
  const toGroup = '<t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition></t:Transitions>';
  if (zone.rule === undefined) {
    return `<t:Periods>${standard}</t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0"><t:Transition><t:To Kind="Period">${base}Standard</t:To></t:Transition></t:TransitionsGroup></t:TransitionsGroups>${toGroup}`;
  }
  const daylight = period(-zone.rule.daylightOffsetMs, 'Daylight', `${base}Daylight`);
  const transitions =
    recurring(`${base}Daylight`, zone.rule.toDaylight) + recurring(`${base}Standard`, zone.rule.toStandard);
  return `<t:Periods>${standard}${daylight}</t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0">${transitions}</t:TransitionsGroup></t:TransitionsGroups>${toGroup}`;
}

function period(biasMs: number, name: string, id: string): string {
  return `<t:Period Bias="${biasMs === 0 ? 'PT0S' : durationText(biasMs)}" Name="${name}" Id="${id}"/>`;
}

function recurring(to: string, transition: Transition): string {
  return `<t:RecurringDayTransition><t:To Kind="Period">${to}</t:To>${element('TimeOffset', durationText(transition.timeMs))}<t:Month>${transition.month}</t:Month><t:DayOfWeek>${weekdays[transition.weekday]}</t:DayOfWeek><t:Occurrence>${transition.occurrence}</t:Occurrence></t:RecurringDayTransition>`;
}

/** The last group of a definition decides; earlier groups are history. */
function readDefinition(definition: XmlElement, id: string): Zone | undefined {
  const biases = new Map<string, number>();
  for (const one of childrenNamed(child(definition, 'Periods'), 'Period')) {
    biases.set(one.attributes.Id ?? '', readDuration(one.attributes.Bias ?? '') ?? 0);
  }
  const groups = childrenNamed(child(definition, 'TransitionsGroups'), 'TransitionsGroup');
  const group = groups[groups.length - 1];
  const name = definition.attributes.Name ?? id;
  const targets = group?.children.map((one) => ({ one, biasMs: biases.get(childText(one, 'To') ?? '') })) ?? [];
  const yearly = targets.filter(({ one }) => one.name === 'RecurringDayTransition');
  const [first, second] = yearly;
  if (first === undefined || second === undefined) {
    const biasMs = targets[0]?.biasMs ?? biases.values().next().value;
    return biasMs === undefined ? undefined : ownZone(id, name, -biasMs, undefined);
  }
  const [daylight, standard] = (first.biasMs ?? 0) < (second.biasMs ?? 0) ? [first, second] : [second, first];
  const rule: YearRule = {
    daylightOffsetMs: -(daylight.biasMs ?? 0),
    toDaylight: readTransition(daylight.one),
    toStandard: readTransition(standard.one),
  };
  return ownZone(id, name, -(standard.biasMs ?? 0), rule);
}

function readTransition(transition: XmlElement): Transition {
  return {
    month: Number(childText(transition, 'Month') ?? 1),
    weekday: Math.max(weekdays.indexOf(childText(transition, 'DayOfWeek') ?? 'Sunday'), 0),
    occurrence: Number(childText(transition, 'Occurrence') ?? 1),
    timeMs: readDuration(childText(transition, 'TimeOffset') ?? 'PT2H') ?? 7_200_000,
  };
}
