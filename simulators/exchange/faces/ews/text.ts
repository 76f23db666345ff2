/** Values as EWS writes and reads them. */
import type { Moment } from '../../truth/appointment-rules.ts';
import { offsetLabel, utc, wallOf, type Zone } from '../../truth/zone.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters XML 1.0 section 2.2 forbids
const unusual = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const unusuals = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Element text the way the servers escape it: quotes stay, a carriage return becomes a reference. */
export function escapeText(value: string): string {
  return unusual.test(value) ? value.replace(unusuals, reference) : value;
}

/** Attribute text. */
export function attributeText(value: string): string {
  return escapeText(value).replaceAll('"', '&quot;').replaceAll('\n', '&#xA;');
}

/** `<t:Name>text</t:Name>`, or the empty element for empty text. */
export function element(name: string, text: string): string {
  return text === '' ? `<t:${name}/>` : `<t:${name}>${escapeText(text)}</t:${name}>`;
}

/** A date and time to the second: `Z`, or the offset of the request's time zone. */
export function dateTimeText(utcMs: number, zone?: Zone): string {
  if (zone === undefined || zone === utc) return `${secondsText(utcMs)}Z`;
  return `${secondsText(wallOf(zone, utcMs))}${offsetLabel(zone.offsetMs(utcMs))}`;
}

/** `YYYY-MM-DD` of a day number. */
export function dateText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Milliseconds as XmlConvert writes a TimeSpan: `PT1H30M`, `P1D`, `PT0S`. */
export function durationText(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  const total = Math.abs(Math.round(durationMs / 1000));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor(total / 3600) % 24;
  const minutes = Math.floor(total / 60) % 60;
  const seconds = total % 60;
  const date = days > 0 ? `${days}D` : '';
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  if (date === '' && time === '') return 'PT0S';
  return `${sign}P${date}${time === '' ? '' : `T${time}`}`;
}

/** Milliseconds of an xs:duration of days, hours, minutes and seconds; undefined when it is none. */
export function readDuration(text: string): number | undefined {
  const match = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, days, hours, minutes, seconds] = match;
  const total =
    Number(days ?? 0) * 86_400_000 +
    Number(hours ?? 0) * 3_600_000 +
    Number(minutes ?? 0) * 60_000 +
    Number(seconds ?? 0) * 1000;
  return sign === undefined ? total : -total;
}

/** An xs:dateTime: an instant when it has an offset, else a wall time; undefined when it is none. */
export function readDateTime(text: string): Moment | undefined {
  const match = /^(-?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const wallMs =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
    Math.trunc(Number(fraction ?? 0) * 1000);
  if (Number(year) < 100 || Number.isNaN(wallMs)) return undefined;
  if (offset === undefined) return { kind: 'wall', wallMs };
  return { kind: 'instant', utcMs: wallMs - offsetMsOf(offset) };
}

/** An xs:date, its zone suffix ignored; as a day number. */
export function readDate(text: string): number | undefined {
  const match = /^(-?\d{4,})-(\d\d)-(\d\d)(?:Z|[+-]\d\d:\d\d)?$/.exec(text.trim());
  if (match === null) return undefined;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 86_400_000);
}

export function readBoolean(text: string): boolean {
  const value = text.trim();
  return value === 'true' || value === '1';
}

function offsetMsOf(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

function secondsText(ms: number): string {
  const text = new Date(Math.floor(ms / 1000) * 1000).toISOString();
  return text.slice(0, text.length - 5);
}

function reference(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '\r':
      return '&#xD;';
    default:
      return '';
  }
}
