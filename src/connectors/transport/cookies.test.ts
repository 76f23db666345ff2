import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from './cookies.ts';

function jarAt(start: number): { jar: CookieJar; clock: { time: number } } {
  const clock = { time: start };
  return { jar: new CookieJar({ now: () => clock.time }), clock };
}

test('a cookie is sent until the time it names itself', () => {
  const { jar, clock } = jarAt(Date.UTC(2030, 0, 1));
  jar.take([
    'exchangecookie=abc; expires=Tue, 01-Jan-2030 01:00:00 GMT; path=/; HttpOnly',
    'X-BackEndCookie=S-1=xyz==; path=/EWS; secure',
  ]);
  assert.equal(jar.headerFor('/EWS/Exchange.asmx'), 'exchangecookie=abc; X-BackEndCookie=S-1=xyz==');
  clock.time += 2 * 3_600_000;
  assert.equal(jar.headerFor('/EWS/Exchange.asmx'), 'X-BackEndCookie=S-1=xyz==');
});

test('a cookie goes to its path only, in any case of letters', () => {
  const { jar } = jarAt(0);
  jar.take('a=1; path=/ews');
  jar.take('b=2; path=/autodiscover');
  assert.equal(jar.headerFor('/EWS/Exchange.asmx'), 'a=1');
  assert.equal(jar.headerFor('/EWSX/Exchange.asmx'), undefined);
});

test('a new value replaces the old one and an expired one removes it', () => {
  const { jar } = jarAt(1_000_000);
  jar.take('a=1; max-age=100; expires=Thu, 01 Jan 1970 00:00:00 GMT');
  assert.equal(jar.headerFor('/'), 'a=1', 'Max-Age is stronger than Expires');
  jar.take('a=2');
  assert.equal(jar.headerFor('/'), 'a=2');
  jar.take('a=gone; max-age=0');
  assert.equal(jar.headerFor('/'), undefined);
});

test('malformed and too many cookies do no harm', () => {
  const { jar } = jarAt(0);
  jar.take(['', '=x', 'no pair', `long=${'x'.repeat(5000)}`]);
  assert.equal(jar.headerFor('/'), undefined);
  for (let index = 0; index < 100; index += 1) jar.take(`c${index}=1`);
  assert.equal(jar.headerFor('/')?.split('; ').length, 32);
});
