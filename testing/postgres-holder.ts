/**
 * The process that runs the shared test server (`postgres.ts` starts it). Each holder has a data folder of its own: should
 * two be started at once, both serve their users and both end.
 */
import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemPorts } from '#ports/system-ports.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#postgres/embedded.ts';
import { meetingFolder, socketPath } from './postgres-meeting.ts';

/** How long the server stays without users: test files run one after another. */
const lingerMs = 5_000;

/** Test data is thrown away, so nothing of it has to survive a power loss. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '200',
};

await hold().catch((error: unknown) => {
  appendFileSync(join(meetingFolder, 'holder.log'), `${String(error)}\n`);
  process.exitCode = 1;
});

async function hold(): Promise<void> {
  sweep();
  const folder = join(meetingFolder, `server-${process.pid}`);
  mkdirSync(folder, { mode: 0o711 });
  const postgres = await startEmbeddedPostgres({ folder, settings }, systemPorts());
  await serve(postgres);
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Resolves when there has been no user for a while, or the server ended by itself. */
function serve(postgres: EmbeddedPostgres): Promise<void> {
  return new Promise((resolve, reject) => {
    let users = 0;
    let idle: NodeJS.Timeout | undefined;
    const server = createServer((socket) => {
      users += 1;
      clearTimeout(idle);
      socket.on('error', () => {});
      socket.on('close', () => {
        users -= 1;
        if (users === 0) idle = setTimeout(end, lingerMs);
      });
      socket.resume();
      socket.write(`${postgres.url}\n`);
    });
    function end(): void {
      server.close(() => resolve());
    }
    void postgres.ended.then(end);
    server.on('error', reject);
    // Only the process that owns the marker gets here, and it found nobody listening: the socket file is left over.
    rmSync(socketPath, { force: true });
    server.listen(socketPath, () => {
      rmSync(join(meetingFolder, 'starting'), { recursive: true, force: true });
      idle = setTimeout(end, lingerMs);
    });
  });
}

/** Removes the folders of holders that were killed. */
function sweep(): void {
  for (const name of readdirSync(meetingFolder)) {
    const pid = /^server-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || alive(Number(pid))) continue;
    rmSync(join(meetingFolder, name), { recursive: true, force: true });
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
