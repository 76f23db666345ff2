/** One question, one answer, as a value. */
import { type CallOptions, type Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Method } from './protocol.ts';

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
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      ask,
      metadata,
      options,
      (error, value) => {
        if (error !== null) resolve({ ok: false, error });
        else resolve({ ok: true, value: value as T });
      },
    );
  });
}
