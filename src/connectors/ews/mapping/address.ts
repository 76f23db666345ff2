/** E-mail addresses from the wire: legacy DNs are looked up, type prefixes removed. */
import type { MappingContext } from './mapping.ts';

/**
 * The SMTP address of a text with a routing type. Undefined when there is none; a DN that has not been looked up yet is
 * noted in `unresolved`. People picked from the address list come as DNs of their directory entry.
 */
export function smtpAddress(
  text: string,
  routingType: string | undefined,
  context: MappingContext,
  unresolved: string[],
): string | undefined {
  const address = text.trim();
  if (address === '') return undefined;
  if (!isLegacyDn(address, routingType)) return /^smtp:/i.test(address) ? address.slice('smtp:'.length) : address;
  const known = context.smtpOf(address);
  if (known === undefined) unresolved.push(address);
  return known === '' ? undefined : known;
}

function isLegacyDn(address: string, routingType: string | undefined): boolean {
  return address[0] === '/' && (routingType === 'EX' || /^\/o=/i.test(address));
}
