/**
 * Which servers to ask: as configured, or found by the DNS records every domain controller registers (exchange-2007
 * reference section 2.1; RFC 2782 for their order).
 */
import { Resolver } from 'node:dns/promises';
import type { Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Random } from '#ports/ports.ts';

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>;

const lookUpMs = 2_000;
const lookUpTries = 2;

/** By the name servers of this machine. */
export const systemSrv: ResolveSrv = (name) => new Resolver({ timeout: lookUpMs, tries: lookUpTries }).resolveSrv(name);

export type ControllerRole = 'domainController' | 'globalCatalog';

const recordsMax = 32;

/** Encrypted from the start unless StartTLS is wanted. The records name the plain ports, so the known ones are used. */
export async function findControllers(
  forest: string,
  role: ControllerRole,
  startTls: boolean,
  resolve: ResolveSrv,
  random: Random,
): Promise<Reply<readonly string[]>> {
  const name = `_ldap._tcp.${role === 'globalCatalog' ? 'gc' : 'dc'}._msdcs.${forest}`;
  let records: readonly SrvRecord[];
  try {
    records = await resolve(name);
  } catch (error) {
    const source = (error as NodeJS.ErrnoException).code ?? 'DNS';
    return { ok: false, fault: fault('server.unreachable', `DNS has no directory servers for ${forest}.`, { source }) };
  }
  const ports = role === 'globalCatalog' ? { plain: 3268, tls: 3269 } : { plain: 389, tls: 636 };
  const urls = inOrder(records.slice(0, recordsMax), random).map((record) =>
    startTls ? `ldap://${record.name}:${ports.plain}` : `ldaps://${record.name}:${ports.tls}`,
  );
  return { ok: true, value: urls };
}

/** By priority; among equals by chance, the heavier the likelier. */
export function inOrder(records: readonly SrvRecord[], random: Random): readonly SrvRecord[] {
  const drawn = records.map((record) => ({
    record,
    // The usual trick for a weighted shuffle: the smaller the exponent's divisor, the smaller the key.
    key: random.fraction() ** (1 / Math.max(record.weight, 0.01)),
  }));
  return drawn.sort((a, b) => a.record.priority - b.record.priority || b.key - a.key).map(({ record }) => record);
}
