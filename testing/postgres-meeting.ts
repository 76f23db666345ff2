/** Where test processes meet the holder of their shared PostgreSQL. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One per user and checkout, so that two checkouts never share a server of different versions. */
export const meetingFolder = join(
  tmpdir(),
  `liaison-test-${process.getuid?.() ?? 0}-${createHash('sha256')
    .update(import.meta.url)
    .digest('hex')
    .slice(0, 8)}`,
);

export const socketPath = join(meetingFolder, 'holder.sock');
