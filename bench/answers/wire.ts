/**
 * How an Exchange 2019 writes: envelopes, ids and change keys as recorded (one line, no white space, prefixes s, h, m, t).
 * Written for benches only: what is rendered here is what a full GetItem of our shapes brings.
 */
import { type Markup, xml } from '#xml/writer.ts';
import type { Draw } from '../lib/draw.ts';

const types = 'http://schemas.microsoft.com/exchange/services/2006/types';
const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';

/** Everything before and after the response messages of one operation. */
export function envelopeOf(operation: string): { readonly before: string; readonly after: string } {
  const info = `<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1748" MinorBuildNumber="10" Version="V2017_07_11" xmlns:h="${types}" xmlns="${types}" ${schema}/>`;
  return {
    before: `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>${info}</s:Header><s:Body ${schema}><m:${operation}Response xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages>`,
    after: `</m:ResponseMessages></m:${operation}Response></s:Body></s:Envelope>`,
  };
}

/** One successful response message; `content` is what follows the code. */
export function successOf(operation: string, content: string): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage>`;
}

/** Id of an item, 152 characters: mailbox GUID as text, entry id (113 bytes). */
export function itemIdOf(draw: Draw): string {
  return idOf(draw, 113, 0x00);
}

/** Id of an occurrence, 168 characters. */
export function occurrenceIdOf(draw: Draw): string {
  return idOf(draw, 124, 0x01);
}

/** Id of a folder, 120 characters. */
export function folderIdOf(draw: Draw): string {
  return idOf(draw, 89, 0x00);
}

function idOf(draw: Draw, bytes: number, flag: number): string {
  const head = Buffer.from([0x00, 0x03, 0x24, 0x00]);
  const mailbox = Buffer.from('0e1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9\u0000', 'latin1');
  mailbox[mailbox.length - 1] = flag;
  return Buffer.concat([head, mailbox, draw.bytes(bytes - head.length - mailbox.length)]).toString('base64');
}

/** Change key, 40 characters: u32 type, u32 length, replica GUID, counter. */
export function changeKeyOf(draw: Draw, type: number): string {
  return Buffer.concat([Buffer.from([type, 0, 0, 0, 0x16, 0, 0, 0]), draw.bytes(22)]).toString('base64');
}

/** A state as long as real ones: base64 of gzip, some 450 characters. */
export function syncStateOf(draw: Draw): string {
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 4, 0]), draw.bytes(326)]).toString('base64');
}

/** A simple element; nothing when it has no value. */
export function element(name: string, value: string | number | boolean | undefined): Markup | undefined {
  return value === undefined ? undefined : xml`<t:${name}>${value}</t:${name}>`;
}

/** `t:Categories` and `t:Children`. */
export function strings(name: string, values: readonly string[] | undefined): Markup | undefined {
  return values && xml`<t:${name}>${values.map((value) => xml`<t:String>${value}</t:String>`)}</t:${name}>`;
}

/** `t:Body` as text, with the line ends of the wire. */
export function bodyElement(body: { readonly text: string } | undefined): Markup {
  return body === undefined
    ? xml`<t:Body BodyType="Text"/>`
    : xml`<t:Body BodyType="Text">${body.text.replaceAll('\n', '\r\n')}</t:Body>`;
}

/** The link key as Exchange answers it: the set by name, the property by name. */
export function linkKeyElement(name: string, key: string): Markup {
  return xml`<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="${name}" PropertyType="String"/><t:Value>${key}</t:Value></t:ExtendedProperty>`;
}

/** First letter upper-case: the wire's word for most of our values. */
export function capitalised(word: string | undefined): string | undefined {
  return word === undefined ? undefined : word.charAt(0).toUpperCase() + word.slice(1);
}

/** Whatever is there, in order. */
export function present(...pieces: readonly (Markup | undefined)[]): readonly Markup[] {
  return pieces.filter((piece) => piece !== undefined);
}
