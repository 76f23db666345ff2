/**
 * A snapshot of all mailboxes as lines of JSON, and its way back: a first line about the whole, for each mailbox a line with a
 * line for each of its folders and messages, and a last line that says how many there were. No line is longer than one message
 * needs, so size has no limit but the disk's. Numbers are kept, so ids, change keys and synchronisation states that clients
 * hold stay good across a restart. Accounts and server builds are the estate's, not the snapshot's.
 */
import type { DelegationsOut } from './delegates.ts';
import type { Folder } from './folder.ts';
import { type Item, noPast } from './item.ts';
import { itemContentIn, itemContentOut, propertiesIn, propertiesOut } from './item-text.ts';
import type { Mailbox } from './mailbox.ts';
import type { Truth } from './truth.ts';

/** Raised when the format changes; older snapshots are refused. */
const formatVersion = 3;

export interface SnapshotFault {
  readonly kind: 'unreadable' | 'otherVersion' | 'cutOff';
  readonly message: string;
}

/** Lines of a snapshot, without line ends; from a file they come one by one. */
export type SnapshotLines = Iterable<string> | AsyncIterable<string>;

type FolderOut = ReturnType<typeof folderOut>;
type ItemOut = ReturnType<typeof itemOut>;

interface HeadLine {
  readonly format: number;
  readonly beganMs: number;
  readonly delegations: DelegationsOut;
}

interface MailboxOut {
  readonly address: string;
  readonly change: number;
  readonly counter: number;
  readonly sentCount: number;
  /** How often it moved to another server. */
  readonly moves: number;
  readonly removedFolders: Mailbox['removedFolders'];
}

/** Every line but the first; exactly one of these. */
interface Line {
  readonly mailbox?: MailboxOut;
  readonly folder?: FolderOut;
  readonly item?: ItemOut;
  /** Lines before this one, which is the last. */
  readonly lines?: number;
}

/**
 * The truth as lines: the mailboxes that somebody looked at; the others are made again from the estate. Lines are made as they
 * are taken, so nothing may change before the last of them is.
 */
export function* writeSnapshot(truth: Truth): Generator<string> {
  let lines = 1;
  const line = (content: Line): string => {
    lines += 1;
    return JSON.stringify(content);
  };
  const head: HeadLine = { format: formatVersion, beganMs: truth.beganMs, delegations: truth.delegations.out() };
  yield JSON.stringify(head);
  for (const mailbox of truth.opened()) {
    const { address, change, counter, sentCount, moves, removedFolders } = mailbox;
    yield line({ mailbox: { address, change, counter, sentCount, moves, removedFolders } });
    const folders = [...foldersBelow(mailbox.wellKnown('root'))];
    for (const folder of folders) yield line({ folder: folderOut(folder) });
    for (const folder of folders) {
      for (const item of folder.items.values()) yield line({ item: itemOut(item) });
      for (const item of folder.associated.values()) yield line({ item: itemOut(item) });
    }
  }
  yield JSON.stringify({ lines } satisfies Line);
}

/**
 * Puts a snapshot into mailboxes nobody looked at yet; those it does not know are as they began when it was taken. After a
 * fault the truth is of no use.
 */
export async function readSnapshot(lines: SnapshotLines, truth: Truth): Promise<SnapshotFault | undefined> {
  const reading = new SnapshotReading(truth);
  for await (const line of lines) {
    const fault = reading.take(line);
    if (fault !== undefined) return fault;
  }
  return reading.end();
}

/** A snapshot being read, line by line. */
class SnapshotReading {
  readonly #truth: Truth;
  #taken = 0;
  #isWhole = false;
  /** The mailbox whose lines come; undefined for one that the estate does not know. */
  #at: { readonly mailbox: Mailbox; readonly kept: MailboxOut } | undefined;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  take(text: string): SnapshotFault | undefined {
    const place = `line ${this.#taken + 1} of the snapshot`;
    const content = parse(text);
    if (content === undefined) return { kind: 'unreadable', message: `${place} is not JSON` };
    if (this.#isWhole) return { kind: 'unreadable', message: `${place} stands behind its end` };
    if (this.#taken === 0) {
      const fault = this.#begin(content as HeadLine);
      if (fault !== undefined) return fault;
    } else if (!this.#put(content as Line)) {
      return { kind: 'unreadable', message: `${place} is not what this server writes` };
    }
    this.#taken += 1;
    return undefined;
  }

  end(): SnapshotFault | undefined {
    if (this.#taken === 0) return { kind: 'unreadable', message: 'the snapshot is empty' };
    return this.#isWhole
      ? undefined
      : { kind: 'cutOff', message: `the snapshot was cut off after ${this.#taken} lines` };
  }

  #begin(head: HeadLine): SnapshotFault | undefined {
    if (head.format !== formatVersion) {
      const message = `the snapshot has format ${head.format}, this server reads ${formatVersion}; begin without it`;
      return { kind: 'otherVersion', message };
    }
    this.#truth.beganMs = head.beganMs;
    this.#truth.delegations.restore(head.delegations);
    return undefined;
  }

  /** False for a line that has no meaning here. */
  #put({ mailbox, folder, item, lines }: Line): boolean {
    if (mailbox !== undefined) {
      this.#finish();
      const found = this.#truth.unfilled(mailbox.address);
      found?.settle(mailbox.moves);
      this.#at = found === undefined ? undefined : { mailbox: found, kept: mailbox };
      return true;
    }
    if (folder !== undefined) {
      const { parent, properties, ...kept } = folder;
      this.#at?.mailbox.restoreFolder({ ...kept, properties: properties && propertiesIn(properties) }, parent);
      return true;
    }
    if (item !== undefined) {
      if (this.#at === undefined) return true;
      const restored = itemIn(item, this.#at.mailbox);
      if (restored !== undefined) this.#at.mailbox.restoreItem(restored);
      return restored !== undefined;
    }
    this.#finish();
    this.#isWhole = lines === this.#taken;
    return this.#isWhole;
  }

  #finish(): void {
    if (this.#at === undefined) return;
    const { mailbox, kept } = this.#at;
    mailbox.restoreCounters(kept.change, kept.counter, kept.removedFolders, kept.sentCount);
    this.#at = undefined;
  }
}

function parse(text: string): object | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

/** A folder and all below it, parents before what they hold. */
function* foldersBelow(folder: Folder): Generator<Folder> {
  yield folder;
  for (const below of folder.children) yield* foldersBelow(below);
}

function folderOut(folder: Folder) {
  const { items, associated, children, parent, properties, ...kept } = folder;
  return { ...kept, parent: parent?.counter, properties: properties && propertiesOut(properties) };
}

function itemOut(item: Item) {
  const { folder, properties, recipients, attachments, series, past, ...kept } = item;
  return { ...kept, folder: folder.counter, content: itemContentOut(item) };
}

/** undefined when its folder does not exist. */
function itemIn({ content, ...kept }: ItemOut, mailbox: Mailbox): Item | undefined {
  const folder = mailbox.folders.get(kept.folder);
  return folder === undefined ? undefined : { ...kept, ...itemContentIn(content), folder, past: noPast };
}
