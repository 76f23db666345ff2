/** GetUserOofSettings and SetUserOofSettings ([MS-OXWOOF]): automatic replies, kept but never sent. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import { wallMsOf } from '../busy-times.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { errorContent } from '../messages.ts';
import { escapeText } from '../text.ts';

const typesNs = 'http://schemas.microsoft.com/exchange/services/2006/types';
const settings = new WeakMap<Mailbox, string>();
const initial =
  '<t:OofState>Disabled</t:OofState><t:ExternalAudience>All</t:ExternalAudience><t:InternalReply/><t:ExternalReply/>';
const success = '<ResponseMessage ResponseClass="Success"><ResponseCode>NoError</ResponseCode></ResponseMessage>';

export function getUserOofSettings(call: Call): string {
  const refusal = refusalOf(call);
  if (refusal !== undefined) return refused(refusal);
  const current = settings.get(call.mailbox) ?? initial;
  return `${success}<t:OofSettings>${current}</t:OofSettings><AllowExternalOof>All</AllowExternalOof>`;
}

export function setUserOofSettings(call: Call): string {
  const wanted = child(call.request, 'UserOofSettings');
  const refusal = refusalOf(call) ?? settingsFault(wanted);
  if (refusal !== undefined) return refused(refusal);
  if (wanted !== undefined) settings.set(call.mailbox, wanted.children.map(markup).join(''));
  return success;
}

/** Only a mailbox itself may ask for its automatic replies. */
function refusalOf(call: Call): EwsError | undefined {
  const address = childText(child(call.request, 'Mailbox'), 'Address')?.trim() ?? '';
  const mailbox = call.server.truth.mailbox(address);
  if (mailbox === undefined) return new EwsError('ErrorMailRecipientNotFound');
  return mailbox === call.mailbox ? undefined : new EwsError('ErrorAccessDenied');
}

/** Scheduled replies need a time that ends after it began. */
function settingsFault(wanted: XmlElement | undefined): EwsError | undefined {
  if (childText(wanted, 'OofState')?.trim() !== 'Scheduled') return undefined;
  const duration = child(wanted, 'Duration');
  const [start, end] = [wallMsOf(childText(duration, 'StartTime')), wallMsOf(childText(duration, 'EndTime'))];
  const isFine = start !== undefined && end !== undefined && end > start;
  return isFine ? undefined : new EwsError('ErrorInvalidUserOofSettings');
}

function refused(error: EwsError): string {
  return `<ResponseMessage ResponseClass="Error">${errorContent(error).replaceAll('m:', '')}</ResponseMessage>`;
}

function markup(one: XmlElement): string {
  const content = one.children.length > 0 ? one.children.map(markup).join('') : escapeText(one.text);
  return one.ns === typesNs ? `<t:${one.name}>${content}</t:${one.name}>` : '';
}
