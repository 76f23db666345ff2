/** ResolveNames (messages.xsd ResolveNamesType): the SMTP address behind a legacy distinguished name. */
import { child, childrenNamed, childText, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type Entry, entriesOf } from './response.ts';

export function buildResolveNames(name: string): EwsRequest {
  return {
    operation: 'ResolveNames',
    effect: 'read',
    body: xml`<m:ResolveNames ReturnFullContactData="true" SearchScope="ActiveDirectory"><m:UnresolvedEntry>${name}</m:UnresolvedEntry></m:ResolveNames>`,
  };
}

/** The address in lower case; null when the name stands for no one, or for several. */
export function readResolveNames(response: XmlElement): Entry<string | null> {
  return entriesOf(response, 1, addressOf)[0] as Entry<string | null>;
}

function addressOf(message: XmlElement): string | null {
  const resolutions = childrenNamed(child(message, 'ResolutionSet'), 'Resolution');
  const [only] = resolutions;
  if (resolutions.length !== 1 || only === undefined) return null;
  const mailbox = child(only, 'Mailbox');
  const address = childText(mailbox, 'EmailAddress');
  if (childText(mailbox, 'RoutingType') === 'SMTP' && address !== undefined) return smtp(address);
  return primaryProxy(child(only, 'Contact'));
}

/** Directory contacts list proxy addresses with their type in the text; `SMTP:` in capitals is the primary one. */
function primaryProxy(contact: XmlElement | undefined): string | null {
  for (const entry of childrenNamed(child(contact, 'EmailAddresses'), 'Entry')) {
    if (entry.text.startsWith('SMTP:')) return smtp(entry.text.slice('SMTP:'.length));
  }
  return null;
}

function smtp(address: string): string | null {
  const text = address.trim().toLowerCase();
  return text.includes('@') ? text : null;
}
