import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { items } from '#testing/arbitrary-items.ts';
import type { CalendarEvent, Contact } from './item.ts';
import { matchKeys } from './match-keys.ts';

const ann: Contact = {
  kind: 'contact',
  name: { given: 'Ann', surname: 'Lee' },
  organization: { company: 'Acme' },
  emails: { 1: 'Ann@Example.com', 2: 'office@example.com' },
  phones: { business: '+49 (0)89 123456-78', mobile: '0171 5551234' },
};

const meeting: CalendarEvent = {
  kind: 'event',
  title: 'Review',
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};

test('a contact is known by its addresses, then with its name, then by name, company and number, then by name', () => {
  assert.deepEqual(matchKeys(ann), [
    '1:email:ann@example.com',
    '1:email:office@example.com',
    '2:email+name:ann@example.com|ann lee',
    '2:email+name:office@example.com|ann lee',
    '3:name+company+phone:ann lee|acme|15551234',
    '3:name+company+phone:ann lee|acme|12345678',
    '4:name:ann lee',
  ]);
});

test('case, width, spaces and the way a number is written make no difference', () => {
  const other: Contact = {
    ...ann,
    name: { given: 'ＡＮＮ ', surname: 'LEE' },
    emails: { 1: 'office@EXAMPLE.com', 3: 'ann@example.com' },
    phones: { home: '089-12345678', mobile: '+49 171 5551234' },
  };
  assert.deepEqual(new Set(matchKeys(other)), new Set(matchKeys(ann)));
  assert.deepEqual(matchKeys({ ...ann, name: { surname: 'Ann  Lee' } }), matchKeys(ann));
});

test('who says too little has no key that could match somebody else', () => {
  assert.deepEqual(matchKeys({ kind: 'contact', name: { given: 'Ann' }, phones: { home: '12' } }), []);
  assert.deepEqual(matchKeys({ kind: 'contact', emails: { 1: '/o=Org/cn=Ann' } }), []);
  assert.deepEqual(matchKeys({ kind: 'contact', organization: { company: 'Acme' } }), ['4:company:acme']);
  assert.deepEqual(matchKeys({ kind: 'task', progress: { status: 'notStarted', percent: 0 } }), []);
});

test('an event is known by its organizer, time and title, whatever its zone is called', () => {
  const there = { start: '2026-03-05T03:00:00', end: '2026-03-05T04:00:00', allDay: false, zone: 'America/New_York' };
  assert.deepEqual(matchKeys(meeting), ['1:self|2026-03-05T08:00:00Z|2026-03-05T09:00:00Z|review']);
  assert.deepEqual(matchKeys({ ...meeting, title: 'REVIEW', when: there }), matchKeys(meeting));
  const invited = { ...meeting, meeting: { organizing: false, organizer: 'boss@example.com' } };
  assert.deepEqual(matchKeys(invited), ['1:boss@example.com|2026-03-05T08:00:00Z|2026-03-05T09:00:00Z|review']);
  assert.deepEqual(
    matchKeys({ ...meeting, meeting: { organizing: true, organizer: 'me@example.com' } }),
    matchKeys(meeting),
  );
  const day = { start: '2026-03-05T00:00:00', end: '2026-03-06T00:00:00', allDay: true };
  assert.deepEqual(matchKeys({ ...meeting, when: day }), ['1:self|2026-03-05|2026-03-06|review']);
});

test('a series is not taken for a single event, nor first for one with another rule', () => {
  const series = (interval: number): CalendarEvent => ({
    ...meeting,
    recurrence: { pattern: { kind: 'daily', interval }, range: { kind: 'noEnd' } },
  });
  const [own, loose] = matchKeys(series(1));
  assert.match(own!, /^1:self\|.*\|review\|[A-Za-z0-9_-]{12}$/);
  assert.notEqual(own, matchKeys(series(2))[0]);
  assert.equal(loose, matchKeys(series(2))[1]);
  assert.ok(![own, loose].includes(matchKeys(meeting)[0]));
});

test('an event in an unknown zone still has a key', () => {
  const odd = { ...meeting, when: { ...meeting.when, zone: 'Mars/Olympus' } };
  assert.equal(matchKeys(odd)[0], '1:self|2026-03-05T09:00:00[mars/olympus]|2026-03-05T10:00:00[mars/olympus]|review');
});

test('a task is known by its title and due date', () => {
  const task = { kind: 'task', title: 'Call | Ann', progress: { status: 'notStarted', percent: 0 } } as const;
  assert.deepEqual(matchKeys({ ...task, dates: { due: '2026-03-05' } }), ['1:call ann|2026-03-05']);
  assert.deepEqual(matchKeys(task), ['1:call ann|']);
});

test('keys are few, short, distinct, ranked and the same each time', () => {
  fc.assert(
    fc.property(items, (item) => {
      const keys = matchKeys(item);
      assert.ok(keys.length <= 8);
      assert.equal(new Set(keys).size, keys.length);
      assert.deepEqual(
        keys.map((key) => key[0]),
        keys.map((key) => key[0]).sort(),
      );
      for (const key of keys) assert.match(key, /^[1-4]:.{1,180}$/su);
      assert.deepEqual(matchKeys(structuredClone(item)), keys);
    }),
  );
  const long = (end: string) => matchKeys({ ...meeting, title: `${'x'.repeat(5000)}${end}` })[0]!;
  assert.ok(long('a').length < 180);
  assert.notEqual(long('a'), long('b'));
});
