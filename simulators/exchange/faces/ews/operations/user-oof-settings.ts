/** GetUserOofSettings and SetUserOofSettings ([MS-OXWOOF]): automatic replies, kept but never sent. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import type { Call } from '../call.ts';
import { escapeText } from '../text.ts';

const typesNs = 'http://schemas.microsoft.com/exchange/services/2006/types';
const settings = new WeakMap<Mailbox, string>();
const initial =
  '<t:OofState>Disabled</t:OofState><t:ExternalAudience>All</t:ExternalAudience><t:InternalReply/><t:ExternalReply/>';
const success = '<ResponseMessage ResponseClass="Success"><ResponseCode>NoError</ResponseCode></ResponseMessage>';

export function getUserOofSettings(call: Call): string {
  const current = settings.get(call.mailbox) ?? initial;
  return `${success}<t:OofSettings>${current}</t:OofSettings><AllowExternalOof>All</AllowExternalOof>`;
}

export function setUserOofSettings(call: Call): string {
  const wanted = child(call.request, 'UserOofSettings');
  if (wanted !== undefined) settings.set(call.mailbox, wanted.children.map(markup).join(''));
  return success;
}

function markup(one: XmlElement): string {
  const content = one.children.length > 0 ? one.children.map(markup).join('') : escapeText(one.text);
  return one.ns === typesNs ? `<t:${one.name}>${content}</t:${one.name}>` : '';
}
