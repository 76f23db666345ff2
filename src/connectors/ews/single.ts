/** One request with one input: busy inside the answer is treated like a busy answer. */
import { fault, scopeOf } from '#contract/fault.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Found, Mailbox } from './mailbox.ts';
import type { Entry } from './operations/response.ts';
import { classify, type Trouble } from './transport/classify.ts';
import type { EwsRequest } from './transport/session.ts';

/** The value of a read's only entry. A busy server is asked once more after the time it wants. */
export async function readOne<T>(
  mailbox: Mailbox,
  request: EwsRequest,
  read: (response: XmlElement) => Entry<T>,
): Promise<Found<T>> {
  const first = await attempt(mailbox, request, read);
  if (first.ok || !first.inside || first.trouble.fault.code !== 'budget.exhausted') return first;
  mailbox.session.holdBack(first.trouble.fault.retryAfterMs);
  return attempt(mailbox, request, read);
}

/** `inside`: the trouble stood in a response message, which the session does not look into. */
type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly trouble: Trouble; readonly inside: boolean };

async function attempt<T>(
  mailbox: Mailbox,
  request: EwsRequest,
  read: (response: XmlElement) => Entry<T>,
): Promise<Attempt<T>> {
  const answer = await mailbox.session.call(request);
  if (!answer.ok) return { ok: false, trouble: answer.trouble, inside: false };
  const entry = read(answer.element);
  if (entry.kind === 'value') return { ok: true, value: entry.value };
  return { ok: false, trouble: ofFolder(classify(entry, mailbox.now())), inside: true };
}

/**
 * What a code means when it answers a question about a folder instead of an item: the folder is gone, the account may not
 * enter it, or the server failed. Never that one item is the trouble, and never that everything was deleted.
 */
export function ofFolder(trouble: Trouble): Trouble {
  if (scopeOf(trouble.fault.code) !== 'item') return trouble;
  const source = trouble.fault.source === undefined ? {} : { source: trouble.fault.source };
  switch (trouble.fault.code) {
    case 'item.gone':
      return { ...trouble, fault: fault('mailbox.folderGone', 'The folder is no longer there.', source) };
    case 'item.denied':
      return { ...trouble, fault: fault('mailbox.denied', 'The account may not use this folder.', source) };
    default:
      return { ...trouble, fault: fault('server.failure', 'The server failed on this folder.', source) };
  }
}
