/** The session's name in the metadata of a call. */
import type { Metadata } from '@grpc/grpc-js';
import { metadataKeys, protocolLimits } from '../protocol.ts';

/** Undefined when there is none, or it is no acceptable name. */
export function sessionNameOf(metadata: Metadata): string | undefined {
  const [name] = metadata.get(metadataKeys.session);
  if (typeof name !== 'string' || name === '' || name.length > protocolLimits.sessionCharsMax) return undefined;
  return name;
}
