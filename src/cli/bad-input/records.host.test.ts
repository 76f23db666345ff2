/**
 * Records no other side can take, beside healthy ones: on the CRM's side as a program with its own ideas wrote them, on the
 * mailbox's side as they stand in real stores. Each is set aside with its reason, everything else crosses, nothing is cut or
 * guessed, and a record that is put right follows.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { MeetingRecord, TaskRecord } from '#simulators/exchange/people/fixtures.ts';
import { addAppointment, addTask } from '#simulators/exchange/people/outlook-items.ts';
import { Draft } from '#simulators/exchange/truth/draft.ts';
import type { Item } from '#simulators/exchange/truth/item.ts';
import { contact, event, message } from '#simulators/exchange/truth/property-keys.ts';
import {
  addMailboxContact,
  mailboxOf,
  type Office,
  onBothSides,
  openOffice,
  ownContacts,
  statusOf,
} from '#testing/office.ts';

/** One line of `liaison quarantine --json`. */
interface SetAside {
  readonly kind: string;
  readonly side: string;
  readonly ids: { readonly crm: string | null; readonly mailbox: string | null };
  readonly fault: { readonly code: string; readonly message: string; readonly path?: string };
}

async function setAside(office: Office): Promise<readonly SetAside[]> {
  return JSON.parse((await office.run('quarantine', 'alice', '--json')).out) as readonly SetAside[];
}

const faultText = ({ kind, fault }: SetAside): string => `${kind} ${fault.path ?? ''}: ${fault.message}`;

async function start(t: TestContext): Promise<Office> {
  const office = await openOffice(t, { users: ['alice'] });
  await office.mapUsers([['alice', 'main']]);
  return office;
}

/** Two passes: the second one reads back what the first wrote. */
async function syncTwice(office: Office): Promise<void> {
  for (let pass = 0; pass < 2; pass += 1) {
    const { code, out, err } = await office.run('sync', 'alice');
    assert.equal(code, 0, out + err);
  }
}

interface ActivityColumns {
  readonly description: string;
  readonly planned_start?: string;
  readonly planned_completion?: string;
  readonly time_zone?: string;
  readonly meeting_location?: string;
  readonly comments?: string;
}

let statements = 0;

/** An appointment of alice, written by another program; `more` goes with it, `$id` standing for its id. */
async function addActivity({ crm }: Office, columns: ActivityColumns, more = ''): Promise<void> {
  const all = { planned_start: '2026-12-07 09:00', planned_completion: '2026-12-07 10:00', ...columns };
  const names = Object.keys(all);
  statements += 1;
  const [row] = await crm.database.query<{ id: number }>(
    `test.activity${statements}`,
    `insert into crm.activity (display, owner_employee_id, ${names.join(', ')})
     select 'Calendar and Activities', id, ${names.map((_, at) => `$${at + 1}`).join(', ')}
       from crm.employee where login = 'alice' returning id`,
    Object.values(all),
  );
  if (more !== '') await crm.database.script(more.replaceAll('$id', String(row?.id)));
}

const repeat = (columns: string, values: string): string =>
  `insert into crm.activity_repeat (activity_id, ${columns}) values ($id, ${values});`;

test('records of the CRM that no mailbox can take are set aside with their reasons, and the others cross', async (t) => {
  const office = await start(t);
  const { crm, exchange } = office;
  // A CRM whose owner has made the columns wider and the rules looser than ours.
  await crm.database.script(
    `alter table crm.activity alter description type text, alter meeting_location type text,
                              drop constraint activity_planned_order`,
  );
  await addActivity(office, { description: 'healthy' });
  await addActivity(
    office,
    { description: 'leap day', planned_start: '2028-02-29 09:00', planned_completion: '2028-02-29 10:00' },
    repeat('frequency, month, day_of_month, occurrences', `'Yearly', 2, 30, 5`),
  );
  await addActivity(office, { description: 'control \u0001\u000b\u001f characters', comments: 'one\u0008two\ufffe' });
  await addActivity(
    office,
    { description: 'nobody’s address' },
    `insert into crm.activity_contact (activity_id, contact_id) select $id, min(id) from crm.contact`,
  );
  await addActivity(office, { description: `long ${'x'.repeat(400)}` });
  await addActivity(office, { description: 'far away', meeting_location: 'p'.repeat(5_000) });
  await addActivity(office, { description: 'on Mars', time_zone: 'Mars/Olympus' });
  await addActivity(office, { description: 'backwards', planned_completion: '2026-12-07 08:00' });
  await addActivity(office, { description: 'novel', comments: 'y'.repeat(2_000_000) });
  await addActivity(office, { description: 'never' }, repeat('frequency, until_date', `'Daily', '2026-11-01'`));
  await addActivity(
    office,
    { description: 'stray exception' },
    `${repeat('frequency, weekdays, occurrences', `'Weekly', array['Monday'], 5`)}
     insert into crm.activity_exception (activity_id, original_start, excluded, changed, description)
     values ($id, '2026-12-09 09:00', false, array['description'], 'moved');`,
  );
  await crm.database.script(
    `insert into crm.activity (display, owner_employee_id, description, start_date, due_date)
     select 'To Do and Activities', id, 'due before start', '2026-12-05', '2026-12-01' from crm.employee;
     insert into crm.activity (display, owner_employee_id, description, due_date)
     select 'To Do and Activities', id, 'healthy', '2026-12-05' from crm.employee;`,
  );
  const before = await office.holdings('alice');
  await syncTwice(office);

  const healthy = [
    'event healthy',
    'event leap day',
    'event nobody’s address',
    'task healthy',
    ...ownContacts('alice'),
  ];
  const held = await office.holdings('alice');

  await t.test('healthy records crossed, once', () => {
    for (const name of onBothSides(...healthy)) assert.equal(held.filter((one) => one === name).length, 1, name);
  });

  await t.test('characters that XML forbids do not stop the record that holds them', () => {
    assert.equal(held.filter((one) => /^mailbox event control .*characters$/.test(one)).length, 1);
  });

  await t.test('the CRM keeps every character of every record', () => {
    for (const name of before) assert.ok(held.includes(name), name.slice(0, 60));
  });

  await t.test('nothing of the sick records was written to the mailbox', () => {
    const sick = /event (long|far away|on Mars|backwards|novel|never|stray)|task due before/;
    assert.deepEqual(
      held.filter((name) => name.startsWith('mailbox ') && sick.test(name)),
      [],
    );
  });

  const aside = await setAside(office);
  await t.test('each sick record is in quarantine with the field and the reason', () => {
    const expected = [
      /^event location: .*longer than 255/,
      /^event title: .*longer than 255/,
      /^event body: .*longer than 1000000/,
      /^event when: .*time zone/,
      /^event when: .*ends before/,
      /^event recurrence: .*no occurrence/,
      /^event overrides.*: .*not one of the series/,
      /^task dates\.due: .*due before/,
    ];
    for (const wanted of expected) {
      assert.equal(
        aside.filter((one) => wanted.test(faultText(one))).length,
        1,
        `${wanted}\n${aside.map(faultText).join('\n')}`,
      );
    }
    assert.equal(aside.length, expected.length, aside.map(faultText).join('\n'));
    for (const { fault } of aside) assert.match(fault.code, /^item\./);
  });

  await t.test('the record is named in the quarantine list, so that somebody can find it', async () => {
    const { out } = await office.run('quarantine', 'alice');
    for (const name of ['on Mars', 'backwards', 'never', 'due before start']) assert.ok(out.includes(name), name);
  });

  await t.test('a user with nothing but records in quarantine is not called lagging', async () => {
    assert.equal((await statusOf(office)).get('alice')?.state, 'inSync');
  });

  await t.test('a dry run tells what it would set aside instead of promising to write it', async () => {
    await crm.database.script(
      `with person as (insert into crm.contact (last_name, web_page) values ('Badweb', 'ht tp://not an address') returning id)
       insert into crm.sync_list (contact_id, employee_id) select person.id, employee.id from person, crm.employee`,
    );
    const { out } = await office.run('sync', 'alice', '--dry-run');
    assert.doesNotMatch(out, /would create contact "Badweb"/);
    assert.match(out, /would set aside contact "Badweb": .*web page/);
  });

  await t.test('the audit explains every one of them', async () => {
    const { out } = await office.run('audit', 'alice', '--json');
    const [audit] = JSON.parse(out) as readonly {
      readonly explained: readonly unknown[];
      readonly result: {
        readonly kinds: readonly { readonly onlyInCrm: readonly unknown[]; readonly different: readonly unknown[] }[];
      };
    }[];
    const kinds = audit?.result.kinds ?? [];
    assert.deepEqual(
      kinds.map(({ different }) => different.length),
      [0, 0, 0],
      out,
    );
  });

  await t.test('once put right they follow, and nothing is doubled', async () => {
    await crm.database.script(
      `update crm.activity set description = 'long' where description like 'long %';
       update crm.activity set meeting_location = 'near' where description = 'far away';
       update crm.activity set time_zone = 'Europe/Berlin' where description = 'on Mars';
       update crm.activity set planned_completion = '2026-12-07 10:00' where description = 'backwards';
       update crm.activity set comments = 'short' where description = 'novel';
       update crm.activity_repeat set until_date = '2026-12-31' where until_date = '2026-11-01';
       delete from crm.activity_exception where description = 'moved';
       update crm.activity set due_date = '2026-12-06' where description = 'due before start';
       update crm.contact set web_page = null where last_name = 'Badweb';`,
    );
    await syncTwice(office);
    const all = await office.holdings('alice');
    const now = ['long', 'far away', 'on Mars', 'backwards', 'novel', 'never', 'stray exception'].map(
      (one) => `event ${one}`,
    );
    for (const name of onBothSides(...healthy, ...now, 'task due before start')) {
      assert.equal(all.filter((one) => one === name).length, 1, name);
    }
    assert.deepEqual(await setAside(office), []);
    assert.equal(exchange.truth.sent.length, 0);
  });
});

test('a series whose first day is not a day of its rule ends up the same on both sides, or set aside', async (t) => {
  const office = await start(t);
  await addActivity(
    office,
    { description: 'from Monday on Fridays' },
    repeat('frequency, weekdays, occurrences', `'Weekly', array['Friday'], 5`),
  );
  await syncTwice(office);
  const { code, out } = await office.run('audit', 'alice');
  assert.equal(code, 0, out);
});

const meeting = (subject: string, more: Partial<MeetingRecord> = {}): MeetingRecord => ({
  ...{ subject, day: 20_800, startMinute: 540, durationMinutes: 60, allDay: false },
  ...{ attendees: [], categories: [], isPrivate: false },
  ...more,
});

test('items of a mailbox that the CRM cannot take are set aside with their reasons, and the others cross', async (t) => {
  const office = await start(t);
  const { exchange } = office;
  const mailbox = mailboxOf(exchange, 'alice');
  const change = (item: Item, how: (draft: Draft) => void): void => {
    const draft = new Draft({ item, occurrence: undefined });
    how(draft);
    mailbox.update(draft, 'Alice');
  };
  const task = (subject: string, more: Partial<TaskRecord> = {}): Item =>
    addTask(mailbox, { subject, status: 'notStarted', percent: 0, importance: 'normal', categories: [], ...more });

  addAppointment(mailbox, meeting('healthy'));
  task('healthy', { startDay: 20_800, dueDay: 20_801 });
  addAppointment(mailbox, meeting('control \u0001\u000b\u001f characters', { notes: 'one\u0008two\u0000' }));
  addAppointment(mailbox, meeting('lone \ud800 surrogate'));
  const stranger = { given: 'No', surname: 'Address', emails: [''] } as unknown as MeetingRecord['attendees'][number];
  addAppointment(mailbox, meeting('nobody’s address', { attendees: [stranger] }));
  addAppointment(mailbox, meeting(`long ${'x'.repeat(400)}`));
  const far = addAppointment(mailbox, meeting('far away', { location: 'p'.repeat(5_000) }));
  const backwards = addAppointment(mailbox, meeting('backwards'));
  const end = backwards.properties.get(event.end) ?? 0;
  change(backwards, (draft) => draft.set(event.end, end - 2 * 3_600_000));
  const novel = addAppointment(mailbox, meeting('novel', { notes: 'y'.repeat(2_000_000) }));
  task(`long ${'t'.repeat(300)}`);
  addMailboxContact(exchange, 'alice', 'Conglomerate');
  const person = [...mailbox.wellKnown('contacts').items.values()].at(-1);
  assert.ok(person !== undefined);
  change(person, (draft) => draft.set(contact.companyName, 'c'.repeat(600)));
  const before = await office.holdings('alice');
  await syncTwice(office);
  const held = await office.holdings('alice');

  await t.test('healthy items crossed, once', () => {
    for (const name of onBothSides(
      'event healthy',
      'event nobody’s address',
      'task healthy',
      ...ownContacts('alice'),
    )) {
      assert.equal(held.filter((one) => one === name).length, 1, name);
    }
  });

  await t.test(
    'characters that XML forbids do not stop the item that holds them, nor are they taken out of the mailbox',
    () => {
      assert.equal(held.filter((one) => /^crm event control .*characters$/.test(one)).length, 1);
      assert.equal(held.filter((one) => /^crm event lone .* surrogate$/.test(one)).length, 1);
      for (const name of before) assert.ok(held.includes(name), name.slice(0, 60));
    },
  );

  const aside = await setAside(office);
  await t.test('each sick item is in quarantine with the field and the reason, and not in the CRM', () => {
    const expected = [
      /^event title: .*longer than 255/,
      /^event location: .*longer than 255/,
      /^event body: .*longer than 1000000/,
      /^event when: .*ends before/,
      /^task title: .*longer than 255/,
      /^contact organization\.company: .*longer than 255/,
    ];
    for (const wanted of expected) {
      assert.equal(
        aside.filter((one) => wanted.test(faultText(one))).length,
        1,
        `${wanted}\n${aside.map(faultText).join('\n')}`,
      );
    }
    assert.equal(aside.length, expected.length, aside.map(faultText).join('\n'));
    assert.deepEqual(
      held.filter((name) => /^crm .*(long|far away|backwards|novel|Conglomerate)/.test(name)),
      [],
    );
  });

  await t.test('sync says that records were set aside, and where to look', async () => {
    addAppointment(mailbox, meeting(`another long ${'x'.repeat(400)}`));
    const { out } = await office.run('sync', 'alice');
    assert.match(out, /1 .*set aside|quarantine/);
  });

  await t.test('an item that becomes unreadable after it was paired is shown somewhere', async () => {
    const paired = [...mailbox.wellKnown('calendar').items.values()].find(
      (item) => item.properties.get(message.subject) === 'healthy',
    );
    assert.ok(paired !== undefined);
    exchange.control.inject({ kind: 'poisonItem', operation: 'GetItem', times: Number.POSITIVE_INFINITY });
    change(paired, (draft) => draft.set(event.location, 'Room 1'));
    await office.run('sync', 'alice');
    const [quarantine, review] = [await office.run('quarantine', 'alice'), await office.run('review', 'alice')];
    exchange.control.calm();
    assert.ok((await office.holdings('alice')).includes('crm event healthy'));
    assert.match(quarantine.out + review.out, /item\.unreadable: Open it in Outlook/);
  });

  await t.test('once put right they follow, and nothing is doubled', async () => {
    for (const item of [
      ...mailbox.wellKnown('calendar').items.values(),
      ...mailbox.wellKnown('tasks').items.values(),
    ]) {
      const subject = item.properties.get(message.subject) ?? '';
      if (subject.length > 255) change(item, (draft) => draft.set(message.subject, subject.slice(0, 12)));
    }
    change(far, (draft) => draft.set(event.location, 'near'));
    change(backwards, (draft) => draft.set(event.end, end));
    change(novel, (draft) => draft.set(message.body, 'short'));
    change(person, (draft) => draft.set(contact.companyName, 'Acme'));
    await syncTwice(office);
    assert.deepEqual(await setAside(office), []);
    const now = [
      'event far away',
      'event backwards',
      'event novel',
      'contact Conglomerate',
      `event long ${'x'.repeat(7)}`,
      `task long ${'t'.repeat(7)}`,
    ];
    const all = await office.holdings('alice');
    for (const name of onBothSides('event healthy', ...now, ...ownContacts('alice'))) {
      assert.equal(all.filter((one) => one === name).length, 1, name);
    }
    assert.equal(exchange.truth.sent.length, 0);
  });
});
