/**
 * Witnesses: values that occur once in a run, so that an edit can be found again wherever it went. A text witness looks
 * like `w12q`, a time witness is a time of day with seven seconds, and `B3b` names the item a person once made.
 */
import type { Item } from '#model/item.ts';

const witness = /w\d+q|T\d\d:\d\d:07/g;
const birth = /B\d+b/;

export function textWitness(serial: number): string {
  return `w${serial}q`;
}

/** A time of day, from 8 to 16 o'clock. */
export function timeWitness(serial: number): string {
  const minute = serial % 480;
  return `T${two(8 + Math.floor(minute / 60))}:${two(minute % 60)}:07`;
}

/** A time of day from 1 to 3 o'clock, when clocks are changed. */
export function nightWitness(serial: number): string {
  const minute = serial % 120;
  return `T${two(1 + Math.floor(minute / 60))}:${two(minute % 60)}:07`;
}

export function birthMark(serial: number): string {
  return `B${serial}b`;
}

/** All witnesses in anything that can be written as JSON. */
export function witnessesIn(value: unknown): ReadonlySet<string> {
  return new Set(JSON.stringify(value ?? null).match(witness) ?? []);
}

/** Which item of a person this is; undefined when nobody here made it. */
export function birthOf(item: Item): string | undefined {
  const name = item.kind === 'contact' ? item.name?.surname : item.title;
  return name?.match(birth)?.[0];
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
