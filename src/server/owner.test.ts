import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import { deadOwners, ownerName } from './owner.ts';

const own = 'host/place/100/aaaa';

test('the leases of a killed engine on this machine are known to be dead', () => {
  assert.deepEqual(
    deadOwners(['host/place/99/bbbb'], own, () => false),
    ['host/place/99/bbbb'],
  );
});

test('an engine that lives, or that runs on another machine, is left alone', () => {
  assert.deepEqual(
    deadOwners([own, 'host/place/99/bbbb'], own, () => true),
    [],
  );
  assert.deepEqual(
    deadOwners(['other/place/99/bbbb', 'host/elsewhere/99/cccc', 'strange'], own, () => false),
    [],
  );
});

test('an earlier process with our own process id is dead, as after the restart of a container', () => {
  assert.deepEqual(
    deadOwners(['host/place/100/bbbb'], own, () => true),
    ['host/place/100/bbbb'],
  );
});

test('a process finds itself alive', () => {
  const name = ownerName(systemPorts().random);
  const [host, place] = name.split('/');
  assert.deepEqual(deadOwners([`${host}/${place}/${process.ppid}/x`], name), []);
});
