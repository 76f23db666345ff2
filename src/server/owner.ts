/**
 * The name under which this process holds leases, and which other names are certainly dead. A process that was killed leaves
 * its leases behind; without this its mailboxes would wait for them to run out.
 *
 * Only owners of the very same place are judged: same host name, same boot of the machine, same process-id name space. There
 * a process id that nobody has, or that is our own, belongs to a process that is gone.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Random } from '#ports/ports.ts';

/** `<host>/<place>/<pid>/<random>`; unique among all engines. */
export function ownerName(random: Random): string {
  const letters = Buffer.from(random.bytes(4)).toString('hex');
  return `${hostname()}/${placePrint()}/${process.pid}/${letters}`;
}

/** Those of `owners` whose process is gone. `own` is never among them. */
export function deadOwners(owners: readonly string[], own: string, isAlive = processExists): readonly string[] {
  const [host, place, pid] = own.split('/');
  return owners.filter((owner) => {
    if (owner === own) return false;
    const parts = owner.split('/');
    if (parts[0] !== host || parts[1] !== place || parts[2] === undefined) return false;
    return parts[2] === pid || !isAlive(Number(parts[2]));
  });
}

function placePrint(): string {
  const facts = [
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    read(() => readlinkSync('/proc/self/ns/pid')),
  ];
  return createHash('sha256').update(facts.join('|')).digest('hex').slice(0, 8);
}

function read(fact: () => string): string {
  try {
    return fact();
  } catch {
    return '';
  }
}

function processExists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything but "no such process" may be a process that is not ours to ask.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
