/** Occurrences of a series as rows of their own, the way a calendar is searched for a span of time. */
import { occurrencesBetween } from '../../../truth/series.ts';
import { readTime } from '../data-types.ts';
import { namespaces } from '../names.ts';
import type { ItemResource } from '../resource.ts';
import type { Comparison, Condition } from './statement.ts';

const dayMs = 86_400_000;

/** Without a span of its own, a search sees occurrences from its series' first to this long after now. */
const horizonMs = 366 * dayMs;

/** Occurrences of one series that a search looks at, at most. */
const occurrencesMax = 1000;

/** Occurrences that overlap the span that the condition demands. Exceptions are among them. */
export function* expandedRows(
  { place, view }: ItemResource,
  where: Condition | undefined,
  nowMs: number,
): Generator<ItemResource> {
  const { series } = view.item;
  if (series?.kind !== 'appointment') return;
  const span = { fromMs: series.rule.startDay * dayMs - dayMs, untilMs: nowMs + horizonMs };
  narrow(span, where);
  if (span.untilMs <= span.fromMs) return;
  const all = occurrencesBetween(series, span.fromMs, span.untilMs);
  for (const occurrence of all.slice(0, occurrencesMax)) {
    yield { kind: 'item', place, view: { item: view.item, occurrence } };
  }
}

interface Span {
  fromMs: number;
  untilMs: number;
}

/** Demands on start and end that hold for every row. */
function narrow(span: Span, where: Condition | undefined): void {
  if (where?.kind === 'and') for (const part of where.parts) narrow(span, part);
  if (where?.kind !== 'compare') return;
  const { left, right, sign } = where;
  if (left.kind !== 'property' || left.name.ns !== namespaces.calendar || right.kind !== 'text') return;
  const utcMs = readTime(right.text);
  if (utcMs === undefined) return;
  if (left.name.name === 'dtend' && isAfter(sign)) span.fromMs = Math.max(span.fromMs, utcMs - 1);
  if (left.name.name === 'dtstart' && isAfter(sign)) span.fromMs = Math.max(span.fromMs, utcMs - 1);
  if (left.name.name === 'dtstart' && isBefore(sign)) span.untilMs = utcMs + 1;
}

const isAfter = (sign: Comparison): boolean => sign === '>' || sign === '>=' || sign === '=';
const isBefore = (sign: Comparison): boolean => sign === '<' || sign === '<=' || sign === '=';
