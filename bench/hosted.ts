/**
 * A connector host against the engine's own process, CPU of all processes together (engine, host, connector processes): an
 * initial extract by `liaison serve`, which is what an item costs, and the EWS connector alone, which is what the way costs.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCertificates } from '#host/certificates/certificate-files.ts';
import { makeCertificates } from '#host/certificates/make-certificates.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { works as allWorks, type HostAt, rounds, type WorkName, type WorkReport } from './clients/work.ts';
import { answerOf, Child, nodeChild } from './lib/child.ts';
import { type ContentCounts, standardCounts as smallCounts } from './lib/content.ts';
import { median, rounded } from './lib/cost.ts';
import { Engine } from './lib/engine-process.ts';
import { type Bench, budget, progress } from './lib/report.ts';
import { buildWorld, root } from './lib/world.ts';

/** As an engine runs, and as a host runs (`bin/liaison.js`). */
const flags = ['--max-semi-space-size=4', '--heap-growing-percent=20'];
const hostFlags = ['--max-semi-space-size=16'];
/** Client processes of each sort per work, taking turns; their median counts. */
const turns = 3;
const shareMost = 1.25;
const largeCounts: ContentCounts = { contacts: 7_200, appointments: 3_600, series: 360, tasks: 1_200 };
const ticksPerSecond = 100;

export const hosted: Bench = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-bench-'));
  const server = nodeChild('answers/server.ts');
  let daemon: Child | undefined;
  try {
    const { url } = await server.next<{ url: string }>();
    await writeCertificates(folder, await makeCertificates(['127.0.0.1'], systemPorts()));
    const command = ['connector-host', '--listen', '127.0.0.1:0', '--certs', folder, '--json'];
    daemon = new Child(process.execPath, [
      ...hostFlags,
      join(root, 'bin/liaison.js'),
      ...command,
      '--log',
      '/dev/null',
    ]);
    const at = JSON.stringify({ ...(await daemon.next<object>()), certs: folder });
    await answerOf('clients/liaison.ts', [url, 'check', '0', at], { flags });
    const works: Record<string, unknown> = {};
    for (const work of allWorks) works[work] = await compared(url, work, at);
    const extract = await extracts(JSON.parse(at) as HostAt);
    const budgets = [
      budget('hosted extract / in process, per further item', extract.share, 'times the CPU', { most: shareMost }),
    ];
    return { results: { extract, works }, budgets };
  } finally {
    await daemon?.stop();
    await server.end();
    rmSync(folder, { recursive: true });
  }
};

async function compared(url: string, work: WorkName, at: string) {
  const inProcess: WorkReport[] = [];
  const atHost: WorkReport[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const args = [url, work, String(rounds[work])];
    inProcess.push(await answerOf<WorkReport>('clients/liaison.ts', args, { flags }));
    atHost.push(await answerOf<WorkReport>('clients/liaison.ts', [...args, at], { flags }));
  }
  const found = { inProcess: costOf(inProcess), hosted: costOf(atHost) };
  const share = rounded(found.hosted.cpuMs / found.inProcess.cpuMs);
  progress(`hosted ${work}: ${found.hosted.cpuMs} ms CPU each, in process ${found.inProcess.cpuMs}, ${share} times`);
  return { ...found, share };
}

/** Milliseconds per item, or per visit. A mean within a process, because the kernel counts in coarse steps. */
function costOf(reports: readonly WorkReport[]) {
  const each = (list: readonly number[], items: number): number =>
    list.reduce((sum, one) => sum + one, 0) / list.length / items;
  return {
    cpuMs: rounded(median(reports.map(({ roundsMs, items }) => each(roundsMs, items)))),
    wallMs: rounded(median(reports.map(({ wallsMs, items }) => each(wallsMs, items)))),
  };
}

/**
 * Mailboxes of two sizes extracted by an engine, the connector in its process or at the host; ms of CPU. What a further item
 * costs is the difference of the two: a start of the engine, of the connector process and of the code is paid once.
 */
async function extracts(host: HostAt) {
  const inProcess = await extractsOf();
  const hosted = await extractsOf(host);
  const share = rounded(hosted.perFurtherItem / inProcess.perFurtherItem);
  const [one, other] = [hosted.perFurtherItem, inProcess.perFurtherItem];
  progress(`hosted extract: ${one} ms CPU per further item, in process ${other}, ${share} times`);
  return { inProcess, hosted, share };
}

async function extractsOf(host?: HostAt) {
  const [small, large] = [await extractMs(smallCounts, host), await extractMs(largeCounts, host)];
  const [few, many] = [itemsOf(smallCounts), itemsOf(largeCounts)];
  return {
    perItem: { [few]: rounded(small / few), [many]: rounded(large / many) },
    perFurtherItem: rounded((large - small) / (many - few)),
  };
}

function itemsOf({ contacts, appointments, tasks }: ContentCounts): number {
  return contacts + appointments + tasks;
}

async function extractMs(counts: ContentCounts, host?: HostAt): Promise<number> {
  const world = await buildWorld(counts, host);
  const before = host === undefined ? 0 : familyMs(host.pid);
  const engine = new Engine(world);
  try {
    await engine.untilQuiet();
    const { cpuMs } = await engine.reading();
    return cpuMs + (host === undefined ? 0 : familyMs(host.pid) - before);
  } finally {
    await engine.stop();
    await world.close();
  }
}

/** CPU of a host, its processes that have ended, and those that have not (proc(5): utime, stime, cutime, cstime). */
function familyMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
  const ticks = (each: number, count: number): number => {
    const text = readFileSync(`/proc/${each}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 11 + count).reduce((sum, one) => sum + Number(one), 0);
  };
  const all = ticks(pid, 4) + children.reduce((sum, child) => sum + ticks(Number(child), 2), 0);
  return (all * 1_000) / ticksPerSecond;
}
