/**
 * The response messages of one answer: `m:ResponseMessages` holds one message per input, in input order (messages.xsd
 * BaseResponseMessageType). An answer with another number of messages cannot be matched by position and leaves out all: taking
 * the next one's message for one's own would give a new item somebody else's id, or call an item gone that is there.
 */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Evidence } from '../transport/classify.ts';
import { detailsOf, messagesNamespace } from '../transport/soap.ts';

/** What became of one input: a value, or the evidence of what went wrong. */
export type Entry<T> =
  | { readonly kind: 'value'; readonly value: T }
  | Extract<Evidence, { readonly kind: 'response' }>
  | Extract<Evidence, { readonly kind: 'missing' }>;

/**
 * One entry per input. `read` takes the value out of a message that says success (or warns, which still carries its
 * payload); undefined when it is not in there.
 */
export function entriesOf<T>(
  response: XmlElement,
  inputs: number,
  read: (message: XmlElement) => T | undefined,
): readonly Entry<T>[] {
  const missing = missingIn(response);
  const entries = messagesOf(response).map((message) => entryOf(message, missing, read));
  return entries.length === inputs ? entries : new Array(inputs).fill(missing);
}

/** The response messages as they came; what other elements a server puts between them is passed over. */
export function messagesOf(response: XmlElement): readonly XmlElement[] {
  const messages = child(response, 'ResponseMessages')?.children ?? [];
  return messages.filter((message) => message.ns === messagesNamespace);
}

/** The entry of an input without a message. */
export function missingIn(response: XmlElement): Extract<Evidence, { readonly kind: 'missing' }> {
  return { kind: 'missing', operation: response.name.slice(0, -'Response'.length) };
}

/** The entry of an operation that takes exactly one input. */
export function entryOf<T>(
  message: XmlElement,
  missing: Entry<T>,
  read: (message: XmlElement) => T | undefined,
): Entry<T> {
  const refusal = refusalOf(message);
  if (refusal !== undefined) return refusal;
  const value = read(message);
  return value === undefined ? missing : { kind: 'value', value };
}

/** A warning counts as success except ErrorBatchProcessingStopped, which says that nothing was done for this input. */
function refusalOf(message: XmlElement): Extract<Evidence, { readonly kind: 'response' }> | undefined {
  let code = '';
  let messageXml: XmlElement | undefined;
  for (const one of message.children) {
    if (one.name === 'ResponseCode') code = one.text.trim();
    else if (one.name === 'MessageXml') messageXml = one;
  }
  const failed =
    message.attributes.ResponseClass === 'Error' ||
    code === 'ErrorBatchProcessingStopped' ||
    (message.attributes.ResponseClass === undefined && code !== 'NoError');
  return failed ? { kind: 'response', code, details: detailsOf(messageXml) } : undefined;
}
