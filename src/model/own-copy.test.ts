import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { events } from '#testing/arbitrary-items.ts';
import type { CalendarEvent } from './item.ts';
import { normalise } from './normalise.ts';
import { withoutSelf } from './own-copy.ts';

test('in their own copy of a meeting a person is no attendee, and nothing else changes', () => {
  fc.assert(
    fc.property(events, (event) => {
      const item: CalendarEvent = normalise(event);
      const self = 'me@example.test';
      const others = { ...item.attendees };
      delete others[self];
      const copy = normalise({ ...item, attendees: { ...others, [self]: { role: 'required' } } });
      assert.deepEqual(normalise(withoutSelf(copy, self)), normalise({ ...item, attendees: others }));
      assert.deepEqual(Object.keys(withoutSelf(copy, self)), Object.keys(normalise({ ...item, attendees: others })));
      assert.equal(withoutSelf(normalise({ ...item, attendees: others }), self).attendees?.[self], undefined);
    }),
  );
});
