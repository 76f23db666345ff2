/** FindItem ([MS-OXWSSRCH] 3.1.4.2): listings, searches and calendar views of one or several folders. */
import { child, type XmlElement } from '#xml/reader.ts';
import { storeProperty } from '../../../truth/computed.ts';
import type { Folder } from '../../../truth/folder.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import type { PropertyKey } from '../../../truth/properties.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { occurrencesBetween, overlaps } from '../../../truth/series.ts';
import { utc, utcOf } from '../../../truth/zone.ts';
import type { Call } from '../call.ts';
import { isClass } from '../change-keys.ts';
import { isHidden } from '../delegate-access.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import { endOf, startOf } from '../fields/calendar-values.ts';
import { entryKeys } from '../fields/contact-fields.ts';
import { groupsMarkup } from '../groups.ts';
import { anyFieldOfPath, fieldOfPath, itemTypeOf } from '../item-types.ts';
import { forEachInput } from '../messages.ts';
import { maxOf, page, readPaging } from '../paging.ts';
import { rankOf } from '../profiles.ts';
import { readQuery } from '../query-string.ts';
import { resolveFolder } from '../resolve.ts';
import { checkExpression, compareValues, matches, type Subject, valueAt } from '../restriction.ts';
import { type ItemShape, itemMarkup, readItemShape } from '../shape.ts';
import { strikeRows } from '../strikes.ts';
import { readDateTime } from '../text.ts';

export function findItem(call: Call): string {
  const parents = child(call.request, 'ParentFolderIds')?.children ?? [];
  let shape: ItemShape | undefined;
  return forEachInput('FindItem', parents, '', (reference) => {
    shape ??= readItemShape(child(call.request, 'ItemShape'), call, 'find');
    const folder = resolveFolder(reference, call, 'ErrorFolderNotFound');
    const view = child(call.request, 'CalendarView');
    return view === undefined ? listing(folder, shape, call) : calendarView(folder, view, shape, call);
  });
}

function listing(folder: Folder, shape: ItemShape, call: Call): string {
  const restriction = child(call.request, 'Restriction')?.children[0];
  const query = child(call.request, 'QueryString')?.text.trim();
  const contacts = child(call.request, 'ContactsView');
  const paging = readPaging(call.request);
  if (paging.kind === 'seek') {
    if (isClass(folder.folderClass, 'IPF.Appointment')) throw new EwsError('ErrorCalendarSeekToConditionNotSupported');
    checkExpression(paging.condition, isSearchable);
  }
  let rows = itemsOf(folder, call);
  if (restriction !== undefined) {
    checkExpression(restriction, isSearchable);
    rows = rows.filter((row) => matches(restriction, subjectOf(row, call)));
  }
  if (query) rows = rows.filter(readQuery(query));
  if (contacts !== undefined) rows = initialRows(rows, folder, contacts);
  rows = strikeRows(call, restriction !== undefined, rows);
  const sorted = sort(rows, child(call.request, 'SortOrder'), call);
  const isSearch = restriction !== undefined || Boolean(query);
  const { profile } = call;
  const rowsMax = isSearch ? profile.findRestrictedRowsMax : profile.findRowsMax;
  const paged = page(sorted, paging, rowsMax, (condition, row) => matches(condition, subjectOf(row, call)));
  // Smaller pages than asked are known from 2010 SP1 on; older requests are refused instead.
  const isCut = paged.rows.length === rowsMax && paged.rows.length < wantedRows(call, sorted.length);
  if (isCut && call.rank < rankOf('Exchange2010_SP1')) throw new EwsError('ErrorExceededFindCountLimit');
  const grouping = child(call.request, 'GroupBy') ?? child(call.request, 'DistinguishedGroupBy');
  if (grouping === undefined) return rootFolder(paged.attributes, paged.rows, shape);
  return `<m:RootFolder ${paged.attributes}>${groupsMarkup(paged.rows, grouping, shape, (row) => subjectOf(row, call))}</m:RootFolder>`;
}

/** Rows that the request would take if there were no limit. */
function wantedRows(call: Call, total: number): number {
  const paging = readPaging(call.request);
  return paging.kind === 'indexed' ? Math.min(paging.max, total - paging.offset) : total;
}

function itemsOf(folder: Folder, call: Call): View[] {
  const { Traversal } = call.request.attributes;
  const source =
    Traversal === 'Associated'
      ? folder.associated
      : Traversal === 'SoftDeleted'
        ? call.mailbox.wellKnown('recoverableitemsdeletions').items
        : folder.items;
  const views: View[] = [];
  for (const item of source.values()) if (!isHidden(call, item)) views.push({ item, occurrence: undefined });
  // Without an order of its own a listing begins with what came last.
  return views.reverse();
}

function calendarView(folder: Folder, view: XmlElement, shape: ItemShape, call: Call): string {
  const { StartDate, EndDate } = view.attributes;
  const max = maxOf(view);
  const fromMs = instant(StartDate, call);
  const untilMs = instant(EndDate, call);
  if (untilMs < fromMs) throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate');
  if (untilMs > twoYearsAfter(fromMs)) throw new EwsError('ErrorCalendarViewRangeTooBig');
  if (!isClass(folder.folderClass, 'IPF.Appointment'))
    throw new EwsError('ErrorCalendarFolderIsInvalidForCalendarView');
  if (child(call.request, 'Restriction') !== undefined || child(call.request, 'SortOrder') !== undefined) {
    throw new EwsError('ErrorUnsupportedPathForQuery');
  }
  const rows: View[] = [];
  for (const item of folder.items.values()) {
    if (isHidden(call, item)) continue;
    if (item.series?.kind === 'appointment') {
      for (const occurrence of occurrencesBetween(item.series, fromMs, untilMs)) rows.push({ item, occurrence });
      continue;
    }
    const one: View = { item, occurrence: undefined };
    if (propertyOf(one, event.start) === undefined) continue;
    if (overlaps({ startMs: startOf(one), endMs: endOf(one) }, fromMs, untilMs)) rows.push(one);
  }
  rows.sort((left, right) => startOf(left) - startOf(right) || endOf(left) - endOf(right));
  const shownRows = rows.slice(0, max);
  const attributes = `TotalItemsInView="${rows.length}" IncludesLastItemInRange="${shownRows.length === rows.length}"`;
  return rootFolder(attributes, shownRows, shape);
}

/** Calendar views span at most two calendar years. */
function twoYearsAfter(ms: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + 2);
}

function rootFolder(attributes: string, rows: readonly View[], shape: ItemShape): string {
  if (rows.length === 0) return `<m:RootFolder ${attributes}><t:Items/></m:RootFolder>`;
  return `<m:RootFolder ${attributes}><t:Items>${rows.map((row) => itemMarkup(row, shape)).join('')}</t:Items></m:RootFolder>`;
}

function instant(text: string | undefined, call: Call): number {
  const moment = readDateTime(text ?? '');
  if (moment === undefined) throw new EwsError('ErrorCalendarOutOfRange');
  return moment.kind === 'instant' ? moment.utcMs : utcOf(call.zone ?? utc, moment.wallMs);
}

function isSearchable(uri: string): boolean {
  return anyFieldOfPath(uri)?.value !== undefined;
}

function subjectOf(view: View, call: Call): Subject {
  const type = itemTypeOf(view);
  return {
    field: (uri) => fieldOfPath(type, uri)?.value?.(view, call),
    isSearchable,
    property: (key) => storeProperty(view, key, call.mailbox),
    entry(uri, index) {
      const [key] = entryKeys(uri, index) ?? [];
      return key === undefined ? undefined : propertyOf(view, key as PropertyKey);
    },
  };
}

function sort(rows: readonly View[], order: XmlElement | undefined, call: Call): readonly View[] {
  if (order === undefined) return rows;
  const keys = order.children.map((one) => ({
    path: one.children[0] as XmlElement,
    sign: one.attributes.Order === 'Descending' ? -1 : 1,
  }));
  for (const { path } of keys) {
    const uri = path.attributes.FieldURI;
    if (path.name === 'FieldURI' && !isSearchable(uri ?? '')) {
      throw new EwsError('ErrorUnsupportedPathForSortGroup', { details: fieldDetail(uri ?? '') });
    }
  }
  const values = rows.map((row) => ({ row, keys: keys.map(({ path }) => valueAt(path, subjectOf(row, call)).value) }));
  values.sort((left, right) => {
    for (const [index, { sign }] of keys.entries()) {
      const compared = compareValues(left.keys[index], right.keys[index]) * sign;
      if (compared !== 0) return compared;
    }
    return 0;
  });
  return values.map(({ row }) => row);
}

/** Contacts between two names, in the order of names; the view's own number limits them. */
function initialRows(rows: readonly View[], folder: Folder, view: XmlElement): View[] {
  if (!isClass(folder.folderClass, 'IPF.Contact')) throw new EwsError('ErrorInvalidOperation');
  const { InitialName, FinalName } = view.attributes;
  const name = (row: View): string => (propertyOf(row, message.displayName) ?? '').toLowerCase();
  return rows
    .filter((row) => InitialName === undefined || name(row) >= InitialName.toLowerCase())
    .filter((row) => FinalName === undefined || name(row) <= `${FinalName.toLowerCase()}\uffff`)
    .sort((left, right) => (name(left) < name(right) ? -1 : 1))
    .slice(0, maxOf(view));
}
