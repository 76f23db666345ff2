/** The PostgreSQL store alone, small: what a commit of 500 rows costs the client, and how long it takes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemPorts } from '#ports/system-ports.ts';
import { startEmbeddedPostgres } from '#postgres/embedded.ts';
import { answerOf } from './lib/child.ts';
import { type Bench, progress } from './lib/report.ts';

/** Medians. */
export interface StoreResult {
  readonly [work: string]: { readonly cpuMs: number; readonly wallMs: number };
}

export const store: Bench = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-bench-'));
  const postgres = await startEmbeddedPostgres({ folder }, systemPorts());
  try {
    const results = await answerOf<StoreResult>('clients/store.ts', [postgres.url]);
    for (const [work, { cpuMs, wallMs }] of Object.entries(results)) {
      progress(`store, ${work}: ${cpuMs} ms CPU, ${wallMs} ms`);
    }
    return { results, budgets: [] };
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
