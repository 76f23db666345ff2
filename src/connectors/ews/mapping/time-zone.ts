/**
 * The zone of an event (EWS `TimeZoneDefinitionType`). Its Id may be a Windows id, a form of UTC, an IANA id, or nothing
 * anybody knows (`tzone://Microsoft/Custom`, a localised display name); then the rules inside the definition decide.
 */
import type { ZoneId } from '#model/item.ts';
import type { Weekday } from '#model/recurrence.ts';
import { weekdays } from '#model/recurrence.ts';
import type { ZoneRules, ZoneTransition } from '#model/zone-rules.ts';
import { transitionRules, zoneOfRules } from '#model/zone-rules.ts';
import { ianaZoneOf, windowsZoneOf } from '#model/zones.ts';
import type { XmlElement } from '#xml/reader.ts';
import { child, childrenNamed, childText } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';

/**
 * The IANA zone of a `t:StartTimeZone` or `t:EndTimeZone` for an event of that year; `preferred` where several zones have
 * the same rules. Undefined when neither name nor rules tell.
 */
export function zoneOf(element: XmlElement, year: number, preferred: ZoneId): ZoneId | undefined {
  const named = ianaZoneOf(element.attributes.Id ?? '');
  if (named !== undefined) return named;
  const rules = rulesOf(element, year);
  return rules && zoneOfRules(rules, year, preferred);
}

/** The rules of the transitions group that is in force in the year. */
function rulesOf(definition: XmlElement, year: number): ZoneRules | undefined {
  const biases = new Map<string, number>();
  for (const { attributes } of child(definition, 'Periods')?.children ?? []) {
    const seconds = secondsOfDuration(attributes.Bias);
    if (seconds !== undefined) biases.set(attributes.Id ?? '', seconds / 60);
  }
  const group = groupInForce(definition, year);
  if (group === undefined) return biases.size === 1 ? fixedRules([...biases.values()][0]) : undefined;
  const transitions = group.children.filter((one) => child(one, 'To') !== undefined);
  const [one, two] = transitions.map((transition) => ({
    bias: biases.get(childText(transition, 'To') ?? ''),
    moment: transitionOf(transition),
  }));
  if (one?.moment === undefined || two?.moment === undefined) return fixedRules(one?.bias);
  if (one.bias === undefined || two.bias === undefined) return undefined;
  const [standard, daylight] = one.bias > two.bias ? [one, two] : [two, one];
  return {
    standardBiasMinutes: standard.bias!,
    daylight: { biasMinutes: daylight.bias!, begins: daylight.moment!, ends: standard.moment! },
  };
}

function fixedRules(standardBiasMinutes: number | undefined): ZoneRules | undefined {
  return standardBiasMinutes === undefined ? undefined : { standardBiasMinutes };
}

/** Groups take turns at absolute dates; the first one holds since ever. */
function groupInForce(definition: XmlElement, year: number): XmlElement | undefined {
  let current: string | undefined;
  for (const transition of child(definition, 'Transitions')?.children ?? []) {
    const since = childText(transition, 'DateTime');
    if (since === undefined || Number(since.slice(0, 4)) <= year) current = childText(transition, 'To');
  }
  const groups = childrenNamed(child(definition, 'TransitionsGroups'), 'TransitionsGroup');
  return groups.find((group) => group.attributes.Id === current) ?? groups[0];
}

function transitionOf(element: XmlElement): ZoneTransition | undefined {
  if (element.name !== 'RecurringDayTransition') return undefined;
  const month = Number(childText(element, 'Month'));
  const occurrence = Number(childText(element, 'Occurrence'));
  const weekday = weekdays.find((day) => capitalised(day) === childText(element, 'DayOfWeek'));
  const timeSeconds = secondsOfDuration(childText(element, 'TimeOffset'));
  if (weekday === undefined || timeSeconds === undefined || !(month >= 1 && month <= 12)) return undefined;
  return { month, week: occurrence >= 1 && occurrence <= 4 ? occurrence : 5, weekday, timeSeconds };
}

const duration = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** `xs:duration` of days and less, to the second. */
function secondsOfDuration(text: string | undefined): number | undefined {
  const [whole, sign, days, hours, minutes, seconds] = duration.exec(text?.trim() ?? '') ?? [];
  if (whole === undefined) return undefined;
  const size =
    ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60 + Math.round(Number(seconds ?? 0));
  return sign === '-' && size !== 0 ? -size : size;
}

/**
 * `t:StartTimeZone` or `t:EndTimeZone`: by Windows id where the server knows it and the zone has one, else defined in full
 * by the zone's rules of the year.
 */
export function zoneElement(
  name: 'StartTimeZone' | 'EndTimeZone',
  zone: ZoneId,
  year: number,
  serverKnowsZones: boolean,
): Markup {
  const id = windowsZoneOf(zone);
  if (id !== undefined && serverKnowsZones) return xml`<t:${name} Id="${id}"/>`;
  const rules = transitionRules(zone, year);
  // Rules that cannot be told (Ramadan) leave the id as the only way.
  if (rules === undefined) return xml`<t:${name} Id="${id ?? zone}"/>`;
  return xml`<t:${name} Id="${id ?? zone}" Name="${id ?? zone}">${definition(rules)}</t:${name}>`;
}

function definition({ standardBiasMinutes, daylight }: ZoneRules): Markup {
  const group = xml`<t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition></t:Transitions>`;
  if (daylight === undefined) {
    return xml`<t:Periods>${period('Standard', standardBiasMinutes)}</t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0"><t:Transition><t:To Kind="Period">Standard</t:To></t:Transition></t:TransitionsGroup></t:TransitionsGroups>${group}`;
  }
  const periods = [period('Standard', standardBiasMinutes), period('Daylight', daylight.biasMinutes)];
  const transitions = [recurring('Daylight', daylight.begins), recurring('Standard', daylight.ends)];
  return xml`<t:Periods>${periods}</t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0">${transitions}</t:TransitionsGroup></t:TransitionsGroups>${group}`;
}

function period(name: string, biasMinutes: number): Markup {
  return xml`<t:Period Bias="${durationOf(biasMinutes * 60)}" Name="${name}" Id="${name}"/>`;
}

function recurring(to: string, { month, week, weekday, timeSeconds }: ZoneTransition): Markup {
  return xml`<t:RecurringDayTransition><t:To Kind="Period">${to}</t:To><t:TimeOffset>${durationOf(timeSeconds)}</t:TimeOffset><t:Month>${month}</t:Month><t:DayOfWeek>${capitalised(weekday)}</t:DayOfWeek><t:Occurrence>${week === 5 ? -1 : week}</t:Occurrence></t:RecurringDayTransition>`;
}

function durationOf(seconds: number): string {
  const size = Math.round(Math.abs(seconds));
  const minutes = Math.floor(size / 60) % 60;
  const rest = size % 60;
  const parts = `${Math.floor(size / 3600)}H${minutes === 0 ? '' : `${minutes}M`}${rest === 0 ? '' : `${rest}S`}`;
  return `${seconds < 0 ? '-' : ''}PT${parts}`;
}

function capitalised(word: Weekday): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
