/** Response messages: one per input, in input order, each a success, a warning or an error of its own. */
import { EwsError, EwsFault } from './ews-error.ts';
import { escapeText } from './text.ts';

/** `m:ResponseMessages` around messages. */
export function responseMessages(messages: readonly string[]): string {
  return `<m:ResponseMessages>${messages.join('')}</m:ResponseMessages>`;
}

export function successMessage(operation: string, payload: string): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${payload}</m:${operation}ResponseMessage>`;
}

/** An error or warning; `emptyPayload` is the empty element that the operation sends even then. */
export function errorMessage(
  operation: string,
  error: EwsError,
  emptyPayload: string,
  responseClass: 'Error' | 'Warning' = 'Error',
): string {
  return `<m:${operation}ResponseMessage ResponseClass="${responseClass}">${errorContent(error)}${emptyPayload}</m:${operation}ResponseMessage>`;
}

/** The parts of an error in their order: MessageText, ResponseCode, DescriptiveLinkKey, MessageXml. */
export function errorContent(error: EwsError): string {
  const messageXml = error.details === '' ? '' : `<m:MessageXml>${error.details}</m:MessageXml>`;
  return `<m:MessageText>${escapeText(error.message)}</m:MessageText><m:ResponseCode>${error.code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${messageXml}`;
}

/**
 * Processes inputs one after another. A refusal becomes that input's message; one that stops the batch turns all later
 * inputs into warnings that nothing was done for them.
 */
export function forEachInput<T>(
  operation: string,
  inputs: readonly T[],
  emptyPayload: string,
  process: (input: T, index: number) => string,
): string {
  const messages: string[] = [];
  let isStopped = false;
  for (const [index, input] of inputs.entries()) {
    if (isStopped) {
      const stopped = new EwsError('ErrorBatchProcessingStopped');
      messages.push(errorMessage(operation, stopped, emptyPayload, 'Warning'));
      continue;
    }
    try {
      messages.push(successMessage(operation, process(input, index)));
    } catch (error) {
      if (!(error instanceof EwsError) || error instanceof EwsFault) throw error;
      messages.push(errorMessage(operation, error, emptyPayload));
      isStopped = error.stopsBatch;
    }
  }
  return responseMessages(messages);
}
