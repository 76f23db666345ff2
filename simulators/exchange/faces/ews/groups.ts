/** Grouped listings ([MS-OXWSSRCH] 2.2.4.11): rows with the same value together, groups in the order of an aggregate. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { View } from '../../truth/item.ts';
import type { PropertyValue } from '../../truth/properties.ts';
import { EwsError, fieldDetail } from './ews-error.ts';
import { compareValues, type Subject, valueAt } from './restriction.ts';
import { type ItemShape, itemMarkup } from './shape.ts';
import { element } from './text.ts';

interface Grouping {
  readonly path: XmlElement;
  readonly aggregateOn: XmlElement;
  readonly takesLargest: boolean;
  readonly isDescending: boolean;
}

const fieldUri = (uri: string): XmlElement => ({
  name: 'FieldURI',
  ns: '',
  attributes: { FieldURI: uri },
  children: [],
  text: '',
});

/** `t:Groups` of rows. */
export function groupsMarkup(
  rows: readonly View[],
  request: XmlElement,
  shape: ItemShape,
  subjectOf: (row: View) => Subject,
): string {
  const grouping = readGrouping(request);
  const groups = new Map<string, { readonly rows: View[]; aggregate: PropertyValue | undefined }>();
  for (const row of rows) {
    const subject = subjectOf(row);
    const index = String(searched(grouping.path, subject) ?? '');
    const aggregate = searched(grouping.aggregateOn, subject);
    const group = groups.get(index);
    if (group === undefined) groups.set(index, { rows: [row], aggregate });
    else {
      group.rows.push(row);
      const order = compareValues(aggregate, group.aggregate);
      if (grouping.takesLargest ? order > 0 : order < 0) group.aggregate = aggregate;
    }
  }
  const sign = grouping.isDescending ? -1 : 1;
  const ordered = [...groups].sort(([, left], [, right]) => sign * compareValues(left.aggregate, right.aggregate));
  const list = ordered.map(
    ([index, group]) =>
      `<t:GroupedItems>${element('GroupIndex', index)}<t:Items>${group.rows.map((row) => itemMarkup(row, shape)).join('')}</t:Items></t:GroupedItems>`,
  );
  return list.length === 0 ? '<t:Groups/>' : `<t:Groups>${list.join('')}</t:Groups>`;
}

function readGrouping(request: XmlElement): Grouping {
  if (request.name === 'DistinguishedGroupBy' && childText(request, 'StandardGroupBy') === 'ConversationTopic') {
    const aggregateOn = fieldUri('item:DateTimeReceived');
    return { path: fieldUri('message:ConversationTopic'), aggregateOn, takesLargest: true, isDescending: true };
  }
  const [path] = request.children;
  const aggregate = child(request, 'AggregateOn');
  const [aggregateOn] = aggregate?.children ?? [];
  if (path === undefined || aggregateOn === undefined) throw new EwsError('ErrorUnsupportedPathForSortGroup');
  const isDescending = request.attributes.Order === 'Descending';
  return { path, aggregateOn, takesLargest: aggregate?.attributes.Aggregate === 'Maximum', isDescending };
}

function searched(path: XmlElement, subject: Subject): PropertyValue | undefined {
  const uri = path.attributes.FieldURI ?? '';
  if (path.name === 'FieldURI' && !subject.isSearchable(uri)) {
    throw new EwsError('ErrorUnsupportedPathForSortGroup', { details: fieldDetail(uri) });
  }
  return valueAt(path, subject).value;
}
