/** MOVE, which is how Outlook deletes: into Deleted Items. DELETE would put the item out of the user's sight. */
import type { DavRequest } from '../transport/session.ts';

/** `version`: the entity tag the item must have. The server finds a free name when the wanted one is taken. */
export function buildMove(path: string, destinationUrl: string, version: string): DavRequest {
  return {
    method: 'MOVE',
    path,
    headers: ['destination', destinationUrl, 'overwrite', 'f', 'allow-rename', 't', 'if-match', version],
    effect: 'write',
    subject: 'item',
  };
}
