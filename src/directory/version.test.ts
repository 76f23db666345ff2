import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { versionOfHex, versionOfNumber, versionOfSerialNumber, versionOfText, versionText } from './version.ts';

const text = (version: ReturnType<typeof versionOfText>): string =>
  version === undefined ? '-' : versionText(version);

test('the version is read from the serial number of a server object, whatever its age', () => {
  const table: readonly (readonly [string, string])[] = [
    ['Version 6.5 (Build 7638.2: Service Pack 2)', '6.5.7638.2'],
    ['Version 8.0 (Build 30685.25)', '8.0.685.25'],
    ['Version 8.1 (Build 30240.6)', '8.1.240.6'],
    ['Version 8.3 (Build 30083.6)', '8.3.83.6'],
    ['Version 14.3 (Build 30123.4)', '14.3.123.4'],
    ['Version 15.0 (Build 30847.32)', '15.0.847.32'],
    ['Version 15.1 (Build 2507.6)', '15.1.2507.6'],
    ['Version 15.2 (Build 32562.17)', '15.2.2562.17'],
    ['Version 15.2 (Build 32562)', '15.2.2562'],
    ['Version 15', '-'],
    ['', '-'],
    ['Exchange 15.2', '-'],
  ];
  for (const [serial, expected] of table) assert.equal(text(versionOfSerialNumber(serial)), expected, serial);
});

test('the packed forms of the same builds are read the same', () => {
  assert.equal(text(versionOfNumber('1912701168')), '8.1.240');
  assert.equal(text(versionOfHex('73D48D2A')), '15.20.3370');
  assert.equal(text(versionOfHex('73C08204')), '15.0.516');
  for (const odd of ['', '0', '-5', 'x', '99999999999', '12']) assert.equal(versionOfNumber(odd), undefined, odd);
  for (const odd of ['', '73D48D2', 'zzzzzzzz', 'F3D48D2A']) assert.equal(versionOfHex(odd), undefined, odd);
});

test('every version that fits is packed and read back as it was', () => {
  const part = (max: number) => fc.integer({ min: 0, max });
  fc.assert(
    fc.property(part(63), part(63), part(0x7fff), (major, minor, build) => {
      const bits = ((7n << 28n) | (BigInt(major) << 22n) | (BigInt(minor) << 16n) | 0x8000n | BigInt(build)).toString();
      assert.deepEqual(versionOfNumber(bits), { major, minor, build });
      assert.deepEqual(versionOfHex(BigInt(bits).toString(16)), { major, minor, build });
      assert.deepEqual(versionOfText(`${major}.${minor}.${build}`), { major, minor, build });
    }),
  );
});

test('zero-padded versions of autodiscover are read as numbers', () => {
  assert.equal(text(versionOfText('15.01.0049.012')), '15.1.49.12');
  assert.equal(text(versionOfText('8.1')), '8.1');
  for (const odd of ['15', '15.', 'a.b', '1.2.3.4.5', '']) assert.equal(versionOfText(odd), undefined, odd);
});
