/** Each operation: a request element in, response messages out. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { changesSince } from './changes.ts';
import { itemAnswer } from './item-answer.ts';
import { itemIdNode, type Kind, kindOfFolder, type Named, type OddMailbox } from './mailbox.ts';
import { m, type Node, partOf, t, textOf } from './node.ts';
import { keyOfPath } from './properties.ts';
import { Refused } from './refused.ts';
import { batchEntriesMax } from './traits.ts';
import { created, type Left, removed, updated } from './writing.ts';

type Operation = (mailbox: OddMailbox, request: XmlElement) => readonly Node[];

/** The response element; undefined: the server does not have the operation. Throws `Refused` for the whole request. */
export function answered(mailbox: OddMailbox, request: XmlElement): Node | undefined {
  const operation = operations[request.name];
  if (operation === undefined) return undefined;
  return m(`${request.name}Response`, [m('ResponseMessages', operation(mailbox, request))]);
}

const operations: Readonly<Record<string, Operation>> = {
  GetFolder: (mailbox, request) =>
    (child(request, 'FolderIds')?.children ?? []).map((id) =>
      message(mailbox, 'GetFolder', 'Folders', () => [
        m('Folders', [
          t(folderElements[folderOf(id)], [
            t('FolderId', [], { Id: `folder-${id.attributes.Id}`, ChangeKey: 'AQAAAA==' }),
            t('TotalCount', String(mailbox.inFolder(folderOf(id)).length)),
          ]),
        ]),
      ]),
    ),

  SyncFolderItems: (mailbox, request) => [
    message(mailbox, 'SyncFolderItems', undefined, () => {
      const folder = folderOf(child(request, 'SyncFolderId')?.children[0]);
      return changesSince(
        mailbox,
        folder,
        childText(request, 'SyncState'),
        Number(childText(request, 'MaxChangesReturned')),
      );
    }),
  ],

  GetItem: (mailbox, request) => {
    const shape = child(child(request, 'ItemShape'), 'AdditionalProperties')?.children ?? [];
    const asked = new Set(shape.map(keyOfPath));
    return batch(mailbox, 'GetItem', 'Items', child(request, 'ItemIds')?.children ?? [], (id) => [
      m('Items', [itemAnswer(mailbox, mailbox.named(id.attributes.Id ?? ''), asked)]),
    ]);
  },

  CreateItem: (mailbox, request) => {
    const folder = folderOf(child(request, 'SavedItemFolderId')?.children[0]);
    return batch(mailbox, 'CreateItem', 'Items', child(request, 'Items')?.children ?? [], (item) => [
      leftNode(mailbox, created(mailbox, folder, item), true),
    ]);
  },

  UpdateItem: (mailbox, request) =>
    batch(mailbox, 'UpdateItem', 'Items', child(request, 'ItemChanges')?.children ?? [], (change) => [
      leftNode(
        mailbox,
        updated(mailbox, change, request.attributes.ConflictResolution),
        mailbox.traits.keylessUpdates !== true,
      ),
      m('ConflictResults', [t('Count', '0')]),
    ]),

  DeleteItem: (mailbox, request) =>
    batch(mailbox, 'DeleteItem', undefined, child(request, 'ItemIds')?.children ?? [], (id) => {
      removed(mailbox, id);
      return [];
    }),

  FindItem: (mailbox, request) => [message(mailbox, 'FindItem', undefined, () => found(mailbox, request))],
};

const folderElements: Readonly<Record<Kind, string>> = {
  Contact: 'ContactsFolder',
  CalendarItem: 'CalendarFolder',
  Task: 'TasksFolder',
};

function folderOf(id: XmlElement | undefined): Kind {
  const kind = kindOfFolder[id?.attributes.Id ?? ''];
  if (kind === undefined) throw new Refused('ErrorFolderNotFound');
  return kind;
}

function leftNode(mailbox: OddMailbox, left: Left, withKey: boolean): Node {
  return m('Items', [t(left.kind, [itemIdNode(left.id, withKey ? mailbox.keyOf(left) : undefined)])]);
}

function found(mailbox: OddMailbox, request: XmlElement): readonly Node[] {
  const { traits } = mailbox;
  const condition = child(child(request, 'Restriction'), 'IsEqualTo');
  if (condition !== undefined && traits.refusesSearch === true) throw new Refused('ErrorUnsupportedPathForQuery');
  const asked = new Set((child(child(request, 'ItemShape'), 'AdditionalProperties')?.children ?? []).map(keyOfPath));
  const folder = folderOf(child(request, 'ParentFolderIds')?.children[0]);
  const offset = Number(child(request, 'IndexedPageItemView')?.attributes.Offset ?? 0);
  const most = Number(child(request, 'IndexedPageItemView')?.attributes.MaxEntriesReturned ?? 1000);
  const all = mailbox.inFolder(folder).filter(({ bag }) => {
    if (condition === undefined || traits.ignoresSearch === true) return true;
    const [path, constant] = condition.children;
    const value = textOf(partOf(path && bag.get(keyOfPath(path)), 'Value'));
    return value.toLowerCase() === constant?.children[0]?.attributes.Value?.toLowerCase();
  });
  const page = all.slice(offset, offset + most);
  const attributes = {
    IndexedPagingOffset: String(offset + page.length),
    TotalItemsInView: String(all.length),
    IncludesLastItemInRange: String(offset + page.length >= all.length),
  };
  return [
    m(
      'RootFolder',
      [
        t(
          'Items',
          page.map((item) => itemAnswer(mailbox, { item } satisfies Named, asked)),
        ),
      ],
      attributes,
    ),
  ];
}

/** One message per input, as the batch traits have it. */
function batch(
  mailbox: OddMailbox,
  operation: string,
  payload: string | undefined,
  inputs: readonly XmlElement[],
  act: (input: XmlElement) => readonly Node[],
): readonly Node[] {
  const { traits } = mailbox;
  if (traits.refusesBatches === true && inputs.length > batchEntriesMax) throw new Refused('ErrorInvalidRequest');
  const messages = inputs.map((input, index) =>
    traits.stopsBatches === true && index >= batchEntriesMax
      ? refusal(mailbox, operation, payload, new Refused('ErrorBatchProcessingStopped'))
      : message(mailbox, operation, payload, () => act(input)),
  );
  if (operation !== 'GetItem') return messages;
  if (traits.shufflesAnswers === true) messages.reverse();
  if (traits.dropsMessages === true && messages.length > 1) messages.splice(messages.length >> 1, 1);
  return messages;
}

function message(
  mailbox: OddMailbox,
  operation: string,
  payload: string | undefined,
  act: () => readonly Node[],
): Node {
  try {
    return m(`${operation}ResponseMessage`, [m('ResponseCode', 'NoError'), ...act()], { ResponseClass: 'Success' });
  } catch (error) {
    if (error instanceof Refused) return refusal(mailbox, operation, payload, error);
    throw error;
  }
}

function refusal(
  mailbox: OddMailbox,
  operation: string,
  payload: string | undefined,
  { code, property }: Refused,
): Node {
  const wordy = mailbox.traits.tersesMessages !== true;
  const isWarning = code === 'ErrorBatchProcessingStopped';
  const parts = [
    ...(wordy ? [m('MessageText', `Das geht nicht: ${code}`)] : []),
    m('ResponseCode', code),
    ...(wordy ? [m('DescriptiveLinkKey', '0')] : []),
    ...(property === undefined ? [] : [m('MessageXml', [t('FieldURI', [], { FieldURI: property })])]),
    ...(payload === undefined ? [] : [m(payload)]),
  ];
  return m(`${operation}ResponseMessage`, parts, { ResponseClass: isWarning ? 'Warning' : 'Error' });
}
