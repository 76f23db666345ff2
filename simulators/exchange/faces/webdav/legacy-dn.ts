/** The legacy distinguished name of a recipient (reference on Exchange 2007, section 2.2). */
export function legacyDn(address: string): string {
  const name = address.split('@')[0] ?? address;
  return `/o=ExampleOrg/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=${name}`;
}
