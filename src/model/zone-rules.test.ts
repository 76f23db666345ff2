import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { daySeconds, daysInMonth, daysOfCivil, localOf, weekdayOf } from './local-time.ts';
import { weekdays } from './recurrence.ts';
import type { ZoneRules, ZoneTransition } from './zone-rules.ts';
import { transitionRules, zoneOfRules } from './zone-rules.ts';
import { canonicalZone, offsetMinutesAt, representativeZones } from './zones.ts';

const years = fc.integer({ min: 2000, max: 2040 });
const zones = fc.constantFrom(...representativeZones(), 'Antarctica/Troll');

const berlin: ZoneRules = {
  standardBiasMinutes: -60,
  daylight: {
    biasMinutes: -120,
    begins: { month: 3, week: 5, weekday: 'sunday', timeSeconds: 7200 },
    ends: { month: 10, week: 5, weekday: 'sunday', timeSeconds: 10_800 },
  },
};

test('the rules of a zone give its clock at every hour of the year', () => {
  fc.assert(
    fc.property(zones, years, fc.integer({ min: 0, max: 365 * 24 - 1 }), (zone, year, hour) => {
      const rules = transitionRules(zone, year);
      fc.pre(rules !== undefined);
      const instant = daysOfCivil(year, 1, 1) * daySeconds + hour * 3600;
      assert.equal(biasByRules(rules!, year, instant) + offsetMinutesAt(`${localOf(instant)}Z`, zone), 0);
    }),
    { numRuns: 2000 },
  );
});

test('well-known zones have the rules that Windows gives them', () => {
  assert.deepEqual(transitionRules('Europe/Berlin', 2026), berlin);
  assert.deepEqual(transitionRules('America/New_York', 2026), {
    standardBiasMinutes: 300,
    daylight: {
      biasMinutes: 240,
      begins: { month: 3, week: 2, weekday: 'sunday', timeSeconds: 7200 },
      ends: { month: 11, week: 1, weekday: 'sunday', timeSeconds: 7200 },
    },
  });
  assert.deepEqual(transitionRules('Australia/Sydney', 2026)?.daylight?.begins.month, 10);
  assert.deepEqual(transitionRules('Asia/Kolkata', 2026), { standardBiasMinutes: -330 });
});

test('the last weekday of a month is told from the fourth, in years where they are the same', () => {
  for (let year = 2000; year < 2040; year++) {
    assert.equal(transitionRules('Europe/Berlin', year)?.daylight?.begins.week, 5, String(year));
    assert.equal(transitionRules('America/New_York', year)?.daylight?.begins.week === 5, false, String(year));
  }
});

test('a year with other than two transitions has no rules', () => {
  // Morocco leaves daylight time for Ramadan; Russia gave it up in 2011.
  assert.equal(transitionRules('Africa/Casablanca', 2026), undefined);
  assert.equal(transitionRules('Europe/Moscow', 2011), undefined);
});

test('a zone is found by its rules, the preferred one first', () => {
  fc.assert(
    fc.property(zones, fc.integer({ min: 2015, max: 2030 }), (zone, year) => {
      const rules = transitionRules(zone, year);
      fc.pre(rules !== undefined);
      assert.equal(zoneOfRules(rules!, year, zone), zone);
      assert.deepEqual(transitionRules(zoneOfRules(rules!, year)!, year), rules);
    }),
  );
  assert.equal(zoneOfRules(berlin, 2026), 'Europe/Berlin');
  assert.equal(zoneOfRules(berlin, 2026, 'Europe/Paris'), 'Europe/Paris');
  assert.equal(zoneOfRules(berlin, 2026, 'America/New_York'), 'Europe/Berlin');
  assert.equal(zoneOfRules(berlin, 2026, 'no zone'), 'Europe/Berlin');
});

test('rules that no zone has exactly give one that changes its clock in the same months', () => {
  const secondsOff = { ...berlin, daylight: { ...berlin.daylight!, ends: { ...berlin.daylight!.ends, week: 4 } } };
  assert.equal(zoneOfRules(secondsOff, 2026), 'Europe/Berlin');
});

test('a clock that never changes is a fixed offset', () => {
  assert.equal(zoneOfRules({ standardBiasMinutes: 0 }, 2026), 'Etc/UTC');
  assert.equal(zoneOfRules({ standardBiasMinutes: 360 }, 2026), 'Etc/GMT+6');
  assert.equal(zoneOfRules({ standardBiasMinutes: -120 }, 2026), 'Etc/GMT-2');
  assert.equal(zoneOfRules({ standardBiasMinutes: -330 }, 2026), canonicalZone('Asia/Kolkata'));
  assert.equal(zoneOfRules({ standardBiasMinutes: 7 }, 2026), undefined);
});

/** The bias at an instant, from the rules alone. */
function biasByRules({ standardBiasMinutes, daylight }: ZoneRules, year: number, instant: number): number {
  if (daylight === undefined) return standardBiasMinutes;
  const begins = wallOf(daylight.begins, year) + standardBiasMinutes * 60;
  const ends = wallOf(daylight.ends, year) + daylight.biasMinutes * 60;
  const isDaylight = begins < ends ? instant >= begins && instant < ends : instant >= begins || instant < ends;
  return isDaylight ? daylight.biasMinutes : standardBiasMinutes;
}

function wallOf({ month, week, weekday, timeSeconds }: ZoneTransition, year: number): number {
  const days: number[] = [];
  for (let day = 1; day <= daysInMonth(year, month); day++) {
    const number = daysOfCivil(year, month, day);
    if (weekdays[weekdayOf(number)] === weekday) days.push(number);
  }
  return (week === 5 ? days.at(-1)! : days[week - 1]!) * daySeconds + timeSeconds;
}
