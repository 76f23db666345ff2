/** One question, one answer, as a value. */
import { type CallOptions, type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type Method, metadataKeys } from './protocol.ts';

export type UnaryAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ServiceError };

/** Never rejects. */
export function unary<T>(
  client: Client,
  method: Method,
  ask: object,
  options: CallOptions,
  metadata = new Metadata(),
): Promise<UnaryAnswer<T>> {
  const { path, requestSerialize, responseDeserialize } = method;
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, value?: object): void => {
      if (error !== null) resolve({ ok: false, error });
      else resolve({ ok: true, value: value as T });
    };
    try {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, ask, metadata, options, answered);
    } catch (error) {
      answered(unsent(error));
    }
  });
}

/** The channel is closed, or the message cannot be written: nothing left this machine. */
function unsent(error: unknown): ServiceError {
  const details = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  metadata.set(metadataKeys.refused, 'mailbox.unavailable');
  return Object.assign(new Error(details), { code: status.UNAVAILABLE, details, metadata });
}
