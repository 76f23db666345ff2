/**
 * T5: trouble with real processes. The engine and its database are killed, the network goes silent in one direction, the
 * disk of the database is full, the database fails over to its copy: in the end both sides hold the same, nothing is lost,
 * nothing is doubled, nobody was mailed. `LIAISON_LONG=1` makes each of them longer.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isLong, kill, openCompany, serveAndKill } from './company.ts';
import { startRelay, type Weather } from './half-open.ts';
import { type Ground, makePostgres, makeStandby, openGround } from './postgres-process.ts';

const rounds = isLong ? 12 : 2;

test('the database is killed under the running engine, and the engine is killed over the running database', async (t) => {
  const postgres = await makePostgres(await openGround(t));
  const company = await openCompany(t, { databaseUrl: postgres.url });
  await serveAndKill(company, 1_200);
  const engine = await company.serve();
  for (let round = 0; round < rounds; round += 1) {
    await company.edit(`kill${round}`);
    await delay(900);
    await postgres.kill();
    await delay(300);
    await postgres.start();
  }
  assert.equal(engine.exitCode, null, 'the engine outlives its database');
  await company.edit('after');
  await company.inSync();
  await kill(engine);
});

test('a network that swallows requests or answers, or cuts connections, changes nothing in the end', async (t) => {
  const postgres = await makePostgres(await openGround(t));
  let relay: Awaited<ReturnType<typeof startRelay>> | undefined;
  const company = await openCompany(t, {
    databaseUrl: postgres.url,
    via: async ({ url }) => {
      const { hostname, port } = new URL(url);
      relay = await startRelay({ host: hostname, port: Number(port) });
      return url.replace(`${hostname}:${port}`, relay.host);
    },
  });
  assert.ok(relay !== undefined);
  const { close } = relay;
  t.after(() => close());
  const engine = await company.serve();
  const weathers: readonly Weather[] = ['mute', 'cut', 'deaf'];
  for (let round = 0; round < rounds + 1; round += 1) {
    await delay(500);
    relay.weather = weathers[round % weathers.length] as Weather;
    await company.edit(`wire${round}`);
    await delay(800);
    relay.weather = 'open';
  }
  assert.ok(relay.struck > 0, 'the weather struck nobody');
  await company.edit('after');
  await company.inSync();
  await kill(engine);
});

test('the disk of the database is full for a while', async (t) => {
  const ground = await openGround(t);
  const disk = smallDisk(ground, join(ground.folder, 'primary'));
  if (disk !== undefined) return t.skip(`not run: ${disk}`);
  const postgres = await makePostgres(ground, { max_wal_size: '32MB', min_wal_size: '32MB' });
  const company = await openCompany(t, { databaseUrl: postgres.url });
  const engine = await company.serve();
  const ballast = join(ground.folder, 'primary', 'ballast');
  for (let round = 0; round < (isLong ? 5 : 1); round += 1) {
    await delay(1_200);
    fill(ballast);
    await company.edit(`full${round}`);
    await delay(2_000);
    rmSync(ballast, { force: true });
    // It may have given up with its log full; then somebody starts it again.
    if (!postgres.alive) await postgres.start();
  }
  assert.equal(engine.exitCode, null, 'the engine outlives a full disk');
  await company.edit('after');
  await company.inSync();
  await kill(engine);
});

test('the database fails over to its synchronous copy in the middle of the work', async (t) => {
  const ground = await openGround(t);
  const primary = await makePostgres(ground);
  await primary.stop();
  const standby = await makeStandby(ground, primary);
  await primary.start({ synchronous_standby_names: '*', synchronous_commit: 'remote_apply' });
  await standby.start({ hot_standby: 'on' });
  const relay = await startRelay({ host: '127.0.0.1', port: primary.port });
  t.after(() => relay.close());
  const company = await openCompany(t, { databaseUrl: `postgres://liaison@${relay.host}/liaison` });
  const engine = await company.serve();
  await delay(1_500);
  await company.edit('before');
  await delay(400);
  await primary.kill();
  await standby.query('select pg_promote()');
  relay.to = { host: '127.0.0.1', port: standby.port };
  await delay(500);
  assert.equal(engine.exitCode, null, 'the engine outlives the change');
  await company.edit('after');
  await company.inSync();
  await kill(engine);
});

/** A disk of its own, large enough for a cluster and little more; @returns why there is none. */
function smallDisk(ground: Ground, folder: string): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a small disk can be mounted by root on Linux only';
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=220m,mode=0711', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    return `mount was refused (${String((error as Error).message).split('\n')[0]})`;
  }
  ground.undo.push(() => {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  });
  return undefined;
}

/** Writes until nothing more goes on the disk. */
function fill(path: string): void {
  for (const chunkBytes of [1 << 20, 1 << 12]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(chunkBytes), { flag: 'a' });
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
}
