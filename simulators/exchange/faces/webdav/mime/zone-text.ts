/** Time zones as VTIMEZONE text (RFC 5545 3.6.5), with the Windows id as their name. */
import { ownZone, type Transition, type Zone, zoneById } from '../../../truth/zone.ts';
import { type Component, calendarLines, childrenOf, rawValue, readCalendar } from './calendar-text.ts';

const minuteMs = 60_000;
const dayNames = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** Lines of one VTIMEZONE. */
export function zoneLines(zone: Zone): readonly string[] {
  const { rule, standardOffsetMs } = zone;
  const summer = rule?.daylightOffsetMs ?? standardOffsetMs;
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${zone.id}`,
    ...observance('STANDARD', rule?.toStandard, summer, standardOffsetMs),
    ...(rule === undefined ? [] : observance('DAYLIGHT', rule.toDaylight, standardOffsetMs, summer)),
    'END:VTIMEZONE',
  ];
}

/** A whole VCALENDAR with nothing but the zone, as the property `timezone` has it. */
export function zoneText(zone: Zone): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...zoneLines(zone), 'END:VCALENDAR', ''].join('\r\n');
}

function observance(name: string, to: Transition | undefined, fromMs: number, toMs: number): readonly string[] {
  const clock = new Date(to?.timeMs ?? 0).toISOString().slice(11, 19).replaceAll(':', '');
  const position = to === undefined ? undefined : `${to.occurrence}${dayNames[to.weekday]}`;
  return [
    `BEGIN:${name}`,
    `DTSTART:16010101T${clock}`,
    `TZOFFSETFROM:${offsetText(fromMs)}`,
    `TZOFFSETTO:${offsetText(toMs)}`,
    ...(to === undefined ? [] : [`RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=${to.month};BYDAY=${position}`]),
    `END:${name}`,
  ];
}

function offsetText(ms: number): string {
  const minutes = Math.abs(Math.round(ms / minuteMs));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

/** The zone of a text with a VTIMEZONE; undefined when there is none that can be read. */
export function readZoneText(text: string): Zone | undefined {
  const root = readCalendar(calendarLines(text));
  const zone = root === undefined ? undefined : root.name === 'VTIMEZONE' ? root : childrenOf(root, 'VTIMEZONE')[0];
  return zone === undefined ? undefined : readZone(zone);
}

/** A known zone by its name, else the zone its last observances describe. */
export function readZone(component: Component): Zone | undefined {
  const id = rawValue(component, 'TZID') ?? '';
  const known = zoneById(id.replace(/^"|"$/g, ''));
  if (known !== undefined) return known;
  const standard = childrenOf(component, 'STANDARD').at(-1);
  const daylight = childrenOf(component, 'DAYLIGHT').at(-1);
  const standardOffsetMs = readOffset(rawValue(standard, 'TZOFFSETTO'));
  const daylightOffsetMs = readOffset(rawValue(daylight, 'TZOFFSETTO'));
  const [toStandard, toDaylight] = [readTransition(standard), readTransition(daylight)];
  if (standardOffsetMs === undefined) return undefined;
  const rule =
    daylightOffsetMs === undefined || toStandard === undefined || toDaylight === undefined
      ? undefined
      : { daylightOffsetMs, toStandard, toDaylight };
  return ownZone(id, id, standardOffsetMs, rule);
}

function readOffset(text: string | undefined): number | undefined {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(text ?? '');
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * minuteMs;
}

function readTransition(component: Component | undefined): Transition | undefined {
  const rule = rawValue(component, 'RRULE') ?? '';
  const month = Number(/BYMONTH=(\d+)/.exec(rule)?.[1]);
  const byDay = /BYDAY=([+-]?\d)(SU|MO|TU|WE|TH|FR|SA)/.exec(rule);
  const clock = /T(\d\d)(\d\d)/.exec(rawValue(component, 'DTSTART') ?? '');
  if (!(month >= 1 && month <= 12) || byDay === null) return undefined;
  const occurrence = Number(byDay[1]);
  return {
    month,
    weekday: dayNames.indexOf(byDay[2] ?? 'SU'),
    occurrence: occurrence >= 5 ? -1 : occurrence,
    timeMs: (Number(clock?.[1] ?? 0) * 60 + Number(clock?.[2] ?? 0)) * minuteMs,
  };
}
