/** Bodies as WebDAV sees them: one plain view of whatever was written, and one of pages. */
import type { Draft } from '../../truth/draft.ts';
import { propertyOf, type View } from '../../truth/item.ts';
import type { PropertyValue } from '../../truth/properties.ts';
import { message } from '../../truth/property-keys.ts';
import { textOfHtml } from '../ews/body.ts';

/** The plain view; made from the page when only that was written. */
export function plainText(view: View): string | undefined {
  const html = propertyOf(view, message.html);
  return html === undefined ? propertyOf(view, message.body) : textOfHtml(Buffer.from(html).toString('utf8'));
}

/** Writing text replaces a page; line ends become those of the store. */
export function setPlainText(draft: Draft, value: PropertyValue | undefined): boolean {
  draft.delete(message.html);
  draft.put(message.body, value === undefined ? undefined : String(value).replace(/\r\n|\r|\n/g, '\r\n'));
  return true;
}

export function setHtml(draft: Draft, value: PropertyValue | undefined): boolean {
  draft.delete(message.body);
  draft.put(message.html, value === undefined ? undefined : new Uint8Array(Buffer.from(String(value), 'utf8')));
  return true;
}
