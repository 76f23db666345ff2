import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ZoneId } from '#model/item.ts';
import { canonicalZone, offsetMinutesAt } from '#model/zones.ts';
import { zoneIds } from '#testing/arbitrary-items.ts';
import { elementOf } from '#testing/ews-stored.ts';
import type { Markup } from '#xml/writer.ts';
import { zoneElement, zoneOf } from './time-zone.ts';

/** The element with an id nobody knows, so that only its rules can tell. */
function nameless(markup: Markup): string {
  return markup.text.replace(/ Id="[^"]*" Name="[^"]*">/, ' Id="tzone://Microsoft/Custom">');
}

function offsets(zone: ZoneId, year: number): readonly number[] {
  return Array.from({ length: 12 }, (_, month) =>
    offsetMinutesAt(`${year}-${String(month + 1).padStart(2, '0')}-15T12:00:00Z`, zone),
  );
}

test('a zone written by its Windows id is read as the zone that stands for it', () => {
  fc.assert(
    fc.property(zoneIds, (zone) => {
      const element = elementOf(zoneElement('StartTimeZone', zone, 2026, true));
      assert.equal(zoneOf(element, 2026, 'Etc/UTC'), canonicalZone(zone));
    }),
  );
});

test('CAL-13: a zone written in full is read by its rules when its name means nothing', () => {
  fc.assert(
    fc.property(zoneIds, fc.integer({ min: 2010, max: 2036 }), (zone, year) => {
      const written = zoneElement('StartTimeZone', zone, year, false);
      fc.pre(written.text.includes('<t:Periods>'));
      const read = zoneOf(elementOf(nameless(written)), year, 'Etc/UTC');
      assert.ok(read !== undefined);
      assert.deepEqual(offsets(read, year), offsets(zone, year));
    }),
  );
});

test('of the zones with the same rules the preferred one is taken', () => {
  const written = nameless(zoneElement('StartTimeZone', 'Europe/Berlin', 2026, false));
  assert.equal(zoneOf(elementOf(written), 2026, 'Europe/Madrid'), 'Europe/Madrid');
  assert.equal(zoneOf(elementOf(written), 2026, 'Asia/Tokyo'), 'Europe/Berlin');
});

test('of a zone that changed its rules the ones of the year are taken', () => {
  const group = (id: string, month: number) =>
    `<t:TransitionsGroup Id="${id}"><t:RecurringDayTransition><t:To Kind="Period">d</t:To><t:TimeOffset>PT2H</t:TimeOffset><t:Month>${month}</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>${month === 4 ? 1 : 2}</t:Occurrence></t:RecurringDayTransition><t:RecurringDayTransition><t:To Kind="Period">s</t:To><t:TimeOffset>PT2H</t:TimeOffset><t:Month>${month === 4 ? 10 : 11}</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>${month === 4 ? -1 : 1}</t:Occurrence></t:RecurringDayTransition></t:TransitionsGroup>`;
  const text = `<t:StartTimeZone Id="Custom"><t:Periods><t:Period Bias="PT5H" Name="Standard" Id="s"/><t:Period Bias="PT4H" Name="Daylight" Id="d"/></t:Periods><t:TransitionsGroups>${group('0', 4)}${group('1', 3)}</t:TransitionsGroups><t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition><t:AbsoluteDateTransition><t:To Kind="Group">1</t:To><t:DateTime>2007-01-01T00:00:00</t:DateTime></t:AbsoluteDateTransition></t:Transitions></t:StartTimeZone>`;
  assert.equal(zoneOf(elementOf(text), 2026, 'Etc/UTC'), 'America/New_York');
  assert.equal(zoneOf(elementOf(text), 2000, 'Etc/UTC'), 'America/New_York');
});

test('a zone without changes of the clock is read by its one period', () => {
  const text =
    '<t:StartTimeZone Id="Eigene Zone"><t:Periods><t:Period Bias="-PT5H30M" Name="Standard" Id="p"/></t:Periods></t:StartTimeZone>';
  assert.equal(zoneOf(elementOf(text), 2026, 'Asia/Kolkata'), 'Asia/Kolkata');
});

test('a zone that neither name nor rules tell is none', () => {
  for (const text of [
    '<t:StartTimeZone/>',
    '<t:StartTimeZone Id="(UTC+01:00) Amsterdam, Berlijn"/>',
    '<t:StartTimeZone Id="x"><t:Periods><t:Period Bias="soon" Id="p"/></t:Periods></t:StartTimeZone>',
  ]) {
    assert.equal(zoneOf(elementOf(text), 2026, 'Etc/UTC'), undefined);
  }
});
