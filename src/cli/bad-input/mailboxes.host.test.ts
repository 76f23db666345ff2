/**
 * Mailboxes that are not there, go away, lose a folder, or whose answers are cut, garbled or refused, beside healthy ones on
 * the same server. Nothing of this is a deletion, and when it is over the mailbox catches up.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '#simulators/exchange/control/faults.ts';
import {
  addCrmContact,
  addMailboxContact,
  addressOf,
  type Office,
  onBothSides,
  openOffice,
  ownContacts,
  type Report,
  statusOf,
  until,
} from '#testing/office.ts';

const always = Number.POSITIVE_INFINITY;

/** Answers that are cut, every third one; and answers of a server that is too busy. */
const cuts = 6;
const busyAnswers = 3;

/** What is done to the mailbox of each sick user, and the fault that `status` shows while it lasts. */
const troubles: Readonly<Record<string, { readonly fault: Omit<Fault, 'mailbox'>; readonly code: RegExp }>> = {
  cut: { fault: { kind: 'truncateReply', times: always }, code: /^server\.garbled$/ },
  garbled: { fault: { kind: 'garbleReply', times: always }, code: /^server\.garbled$/ },
  login: { fault: { kind: 'wrongContentType', times: always }, code: /^server\.notExchange$/ },
  folder: {
    fault: { kind: 'folderGone', operation: 'SyncFolderItems', times: always },
    code: /^mailbox\.folderGone$/,
  },
  denied: { fault: { kind: 'accessDenied', operation: 'SyncFolderItems', times: always }, code: /denied$/ },
  vanished: { fault: { kind: 'slowReply', times: 1, delayMs: 1 }, code: /^mailbox\.notFound$/ },
};
const sick = Object.keys(troubles);
const healthy = ['alice', 'bob'];

const stateText = (reports: ReadonlyMap<string, Report>): unknown =>
  [...reports].map(([login, { state, lastOutcome }]) => `${login} ${state} ${lastOutcome?.fault?.code ?? ''}`);

async function allInSync(office: Office, logins: readonly string[]): Promise<void> {
  let reports = await statusOf(office);
  await until(
    'everybody is in sync',
    async () => {
      reports = await statusOf(office);
      return logins.every((login) => reports.get(login)?.state === 'inSync');
    },
    () => stateText(reports),
    60_000,
  );
}

/** A new contact on each side. */
async function edit(office: Office, logins: readonly string[], mark: string): Promise<void> {
  for (const login of logins) {
    await addCrmContact(office.crm, login, `${login}-crm-${mark}`);
    addMailboxContact(office.exchange, login, `${login}-outlook-${mark}`);
  }
}

const newContacts = (login: string, mark: string): readonly string[] => [
  `contact ${login}-crm-${mark}`,
  `contact ${login}-outlook-${mark}`,
];

test('mailboxes that fail in the midst of work keep everything, hold up nobody, and catch up afterwards', async (t) => {
  const office = await openOffice(t, { users: [...healthy, ...sick] });
  const { exchange } = office;
  office.configure(office.configuration({}, { sync: { intervalSeconds: 1, retrySeconds: 1, retrySecondsMax: 2 } }));
  await office.mapUsers([...healthy, ...sick, 'ghost'].map((login) => [login, 'main']));
  const serve = office.start('serve');
  await allInSync(office, [...healthy, ...sick]);

  for (const [login, { fault }] of Object.entries(troubles)) {
    exchange.control.inject({ ...fault, mailbox: addressOf(login) });
  }
  const found = exchange.truth.mailbox.bind(exchange.truth);
  exchange.truth.mailbox = (address) => (address.toLowerCase() === addressOf('vanished') ? undefined : found(address));
  const gone = found(addressOf('vanished'));
  for (const login of [...healthy, ...sick]) await addCrmContact(office.crm, login, `${login}-crm-new`);
  for (const login of [...healthy, ...sick.filter((one) => one !== 'vanished')]) {
    addMailboxContact(exchange, login, `${login}-outlook-new`);
  }

  const seen = new Map<string, Fault['code'] | undefined>();
  let reports = await statusOf(office);
  await until(
    'the sick are failing while the healthy got their changes',
    async () => {
      reports = await statusOf(office);
      for (const [login, { state, lastOutcome }] of reports) {
        if (state === 'failing') seen.set(login, lastOutcome?.fault?.code);
      }
      if (![...sick, 'ghost'].every((login) => seen.has(login))) return false;
      for (const login of healthy) {
        if ((await office.holdings(login)).length < 12) return false;
      }
      return true;
    },
    () => stateText(reports),
    60_000,
  );

  await t.test('every fault is told by its code, and a CRM user or mailbox that does not exist by name', () => {
    for (const [login, { code }] of Object.entries(troubles)) assert.match(seen.get(login) ?? '', code, login);
    assert.equal(seen.get('ghost'), 'mailbox.notFound');
  });

  await t.test('the healthy mailboxes of the same server were synchronised', async () => {
    for (const login of healthy) {
      assert.deepEqual(
        await office.holdings(login),
        onBothSides(...ownContacts(login), ...newContacts(login, 'new')),
        login,
      );
    }
  });

  await t.test('no trouble was taken for a deletion', async () => {
    for (const login of sick.filter((one) => one !== 'vanished')) {
      const held = new Set(await office.holdings(login));
      for (const name of onBothSides(...ownContacts(login))) assert.ok(held.has(name), `${login}: ${name}`);
    }
    assert.equal(gone?.wellKnown('contacts').items.size, 4);
  });

  await t.test('when it is over the mailboxes catch up, and nothing is doubled', async () => {
    exchange.control.calm();
    exchange.truth.mailbox = found;
    addMailboxContact(exchange, 'vanished', 'vanished-outlook-new');
    await until(
      'everybody has everything',
      async () => {
        for (const login of sick) if ((await office.holdings(login)).length < 12) return false;
        return true;
      },
      async () => stateText(await statusOf(office)),
      60_000,
    );
    await allInSync(office, [...healthy, ...sick]);
    assert.equal((await serve.stop()).code, 0);
    for (const login of sick) {
      assert.deepEqual(
        await office.holdings(login),
        onBothSides(...ownContacts(login), ...newContacts(login, 'new')),
        login,
      );
    }
    assert.equal(exchange.truth.sent.length, 0);
  });
});

test('a first sync through a server that cuts every third answer and is busy for a while ends complete and without doubles', async (t) => {
  const office = await openOffice(t, { users: ['alice', 'bob'] });
  await edit(office, ['alice', 'bob'], 'more');
  await office.mapUsers([
    ['alice', 'main'],
    ['bob', 'main'],
  ]);
  const { control } = office.exchange;
  for (let cut = 0; cut < cuts; cut += 1) control.inject({ kind: 'truncateReply', after: 3 * cut + 2 });
  control.inject({
    kind: 'busy',
    form: 'http503',
    backOffMs: 1_000,
    times: busyAnswers,
    after: 3,
    mailbox: addressOf('bob'),
  });
  const serve = office.start('serve');
  await until(
    'both have everything',
    async () => (await office.holdings('alice')).length + (await office.holdings('bob')).length >= 24,
    async () => stateText(await statusOf(office)),
    60_000,
  );
  await allInSync(office, ['alice', 'bob']);
  await serve.stop();
  for (const login of ['alice', 'bob']) {
    assert.deepEqual(
      await office.holdings(login),
      onBothSides(...ownContacts(login), ...newContacts(login, 'more')),
      login,
    );
  }
  const { truncateReply, busy } = control.counters().faultsStruck;
  assert.ok((truncateReply ?? 0) >= cuts / 2, `${truncateReply} answers were cut`);
  assert.equal(busy, busyAnswers);
});
