/**
 * The floor: the requests another client has sent before, sent again by undici as prepared bytes, the answers drained and
 * thrown away. What any client of this transport pays at least: `node floor.ts URL REQUESTS-FILE ROUNDS ITEMS`.
 */
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { say } from '../lib/child.ts';
import { costOf, cpuMsSinceStart, peakMb } from '../lib/cost.ts';
import type { WorkReport } from './work.ts';

const [url = '', file = '', rounds = '1', items = '1'] = process.argv.slice(2);
const headers = {
  'content-type': 'text/xml; charset=utf-8',
  authorization: 'Basic c3ZjQGV4YW1wbGUudGVzdDpub3QgY2hlY2tlZA==',
};
const pool = new Pool(url, { connections: 1, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const bodies = (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((body) => Buffer.from(body, 'latin1'));

await round();
const coldMs = cpuMsSinceStart();
const costs = [];
for (let count = 0; count < Number(rounds); count += 1) costs.push(await costOf(round));
const report: WorkReport = {
  items: Number(items),
  coldMs,
  roundsMs: costs.map((cost) => cost.cpuMs),
  wallsMs: costs.map((cost) => cost.wallMs),
  peakMb: peakMb(),
};
await pool.close();
say(report);

async function round(): Promise<void> {
  for (const body of bodies) {
    const answer = await pool.request({ method: 'POST', path: '/EWS/Exchange.asmx', headers, body });
    await answer.body.dump({ limit: Number.MAX_SAFE_INTEGER });
  }
}
