/** What must be done now and then while Liaison serves: the CRM's change feed forgets what every reader has passed. */
import type { Ports } from '#ports/ports.ts';
import type { Database } from '#postgres/database.ts';

const everyMs = 24 * 3_600_000;
/** Not in the first minutes, which belong to the mailboxes. */
const firstMs = 10 * 60_000;

/** Runs until `signal` aborts. A failure is logged and tried again the next day: nothing depends on it. */
export async function keepHouse(crm: Database, ports: Ports, signal: AbortSignal): Promise<void> {
  await ports.timer.sleep(firstMs, signal);
  while (!signal.aborted) {
    try {
      const [row] = await crm.query<{ readonly forgotten: number }>(
        'housekeeping.trim',
        'select crm.trim_change() as forgotten',
        [],
      );
      ports.log({ level: 'info', event: 'housekeeping.trimmed', rows: row?.forgotten ?? 0 });
    } catch (error) {
      ports.log({ level: 'warn', event: 'housekeeping.failed', reason: (error as Error).name });
    }
    await ports.timer.sleep(everyMs, signal);
  }
}
