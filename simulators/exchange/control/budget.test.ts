import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { find, post } from '../conformance/client.ts';
import { getFolder } from '../conformance/world.ts';
import { startExchange } from '../start-exchange.ts';
import { type Balance, balanceAt, charged, microDelayMs, refusedForMs } from './budget.ts';

const policy = { maxBurstMs: 100, rechargeMsPerHour: 3_600, cutoffMs: 50, requestCostMs: 10, microDelayMsMax: 40 };

test('whatever a caller does, a budget never exceeds the burst, and a refusal lasts as long as it says', () => {
  // A rate at which nothing is rounded: one in 1024.
  const exact = { ...policy, rechargeMsPerHour: 3_600_000 / 1_024 };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(500_000), fc.nat(400)), { maxLength: 30 }), (steps) => {
      let balance: Balance | undefined;
      let nowMs = 0;
      for (const [waitMs, tookMs] of steps) {
        nowMs += waitMs;
        const now = balanceAt(balance, nowMs, exact);
        assert.ok(now.balanceMs <= exact.maxBurstMs);
        const delayMs = microDelayMs(now, exact);
        assert.ok(delayMs >= 0 && delayMs <= exact.microDelayMsMax && delayMs > 0 === now.balanceMs < 0);
        const refusedMs = refusedForMs(now, exact);
        assert.equal(refusedForMs(balanceAt(now, nowMs + refusedMs, exact), exact), 0);
        if (refusedMs > 1) assert.ok(refusedForMs(balanceAt(now, nowMs + refusedMs - 1, exact), exact) > 0);
        balance = charged(now, tookMs, exact);
      }
    }),
  );
});

test('a caller who spends more than the budget is slowed down, then refused with the time to wait, then served again', async () => {
  let nowMs = 1_800_000_000_000;
  const slept: number[] = [];
  const mailboxes = ['alice', 'bob'].map((name) => ({ address: `${name}@example.test`, password: `${name}-pw1` }));
  const exchange = await startExchange({
    estate: { mailboxes, throttling: { budget: policy } },
    ports: { clock: { now: () => nowMs }, timer: { sleep: async (ms) => void slept.push(ms) } },
  });
  const ask = () => post(getFolder(), { url: exchange.url });
  const statuses: number[] = [];
  for (let count = 0; count < 17; count += 1) statuses.push((await ask()).status);
  assert.deepEqual(statuses, [...Array<number>(16).fill(200), 500]);
  assert.deepEqual(slept, [8, 16, 24, 32, 40]);
  const refused = await ask();
  assert.equal(find(refused.body, 'ResponseCode')?.text, 'ErrorServerBusy');
  assert.match(refused.text, /policy part 'CutoffBalance', policy value '50'/);
  const waitMs = Number(/BackOffMilliseconds">(\d+)</.exec(refused.text)?.[1]);
  assert.equal(waitMs, 10_000);
  assert.equal(
    (await post(getFolder(), { url: exchange.url, user: 'bob@example.test', password: 'bob-pw1' })).status,
    200,
  );
  nowMs += waitMs;
  assert.equal((await ask()).status, 200);
  await exchange.close();
});

test('an account has as many subscriptions to a mailbox as the policy says', async () => {
  const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1' }];
  const exchange = await startExchange({ estate: { mailboxes, throttling: { subscriptions: 3 } } });
  const subscribe =
    '<m:Subscribe><m:PullSubscriptionRequest SubscribeToAllFolders="true"><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>';
  const ask = async () => (await post(subscribe, { url: exchange.url })).body;
  const made = [await ask(), await ask(), await ask()];
  assert.equal(find(await ask(), 'ResponseCode')?.text, 'ErrorExceededSubscriptionCount');
  const id = find(made[0], 'SubscriptionId')?.text;
  await post(`<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`, { url: exchange.url });
  assert.equal(find(await ask(), 'ResponseCode')?.text, 'NoError');
  await exchange.close();
});
