/** Tells a connector process that a visit is over. */
import { Metadata } from '@grpc/grpc-js';
import type { Clock } from '#ports/ports.ts';
import { connectorService, metadataKeys, methodOf } from '../protocol.ts';
import { unary } from '../unary.ts';
import type { ConnectorProcess } from './connector-process.ts';

const closeMs = 5_000;

/** Never rejects; a process that does not answer is dealt with by its watch. */
export async function closeSession(process: ConnectorProcess, session: string, clock: Clock): Promise<void> {
  const metadata = new Metadata();
  metadata.set(metadataKeys.session, session);
  const deadline = clock.now() + closeMs;
  await unary(process.client, methodOf(connectorService, 'Close'), {}, { deadline }, metadata);
}
