/** The addresses of one directory entry. Pure. */

/** `SMTP:` in capitals marks the primary address; `smtp:` an alias (exchange-2007 reference section 2.2). */
export function primarySmtp(proxyAddresses: readonly string[], mail: string | undefined): string | undefined {
  const primary = proxyAddresses.find((one) => one.startsWith('SMTP:'))?.slice('SMTP:'.length);
  const address = (primary ?? mail)?.trim().toLowerCase();
  return address?.includes('@') ? address : undefined;
}

/** `/o=…/cn=…` in lower case, without the type before it; undefined when the text is no legacy name. */
export function legacyName(address: string): string | undefined {
  const bare = address.replace(/^(ex|x500):/i, '').trim();
  return /^\/o=/i.test(bare) ? bare.toLowerCase() : undefined;
}

/** The address in lower case, without `smtp:` before it; undefined when the text is none. */
export function smtpAddress(address: string): string | undefined {
  const bare = address
    .replace(/^smtp:/i, '')
    .trim()
    .toLowerCase();
  return /^[^\s@:]+@[^\s@]+$/.test(bare) ? bare : undefined;
}

/** Every name of an entry by which somebody may ask for it, in lower case. */
export function namesOf(
  proxyAddresses: readonly string[],
  legacyDn: string | undefined,
  mail: string | undefined,
): Set<string> {
  const names = new Set<string>();
  for (const one of [...proxyAddresses, legacyDn ?? '', mail ?? '']) {
    const name = legacyName(one) ?? smtpAddress(one);
    if (name !== undefined) names.add(name);
  }
  return names;
}
