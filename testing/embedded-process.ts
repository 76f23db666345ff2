/**
 * A process that runs an embedded PostgreSQL and can be killed: prints the server's URL, or the name of the error that
 * kept it from starting, then stays until a signal.
 */

import { systemPorts } from '#ports/system-ports.ts';
import { startEmbeddedPostgres } from '#postgres/embedded.ts';

const folder = process.argv[2]!;

try {
  const postgres = await startEmbeddedPostgres({ folder }, systemPorts());
  console.log(postgres.url);
  setInterval(() => {}, 60_000);
} catch (error) {
  console.log(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  process.exitCode = 1;
}
