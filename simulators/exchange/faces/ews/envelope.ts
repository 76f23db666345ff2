/** SOAP envelopes in the byte form of each build. */
import type { EwsFault } from './ews-error.ts';
import type { Profile } from './profiles.ts';
import type { Violation } from './schema.ts';
import { attributeText, escapeText } from './text.ts';

export const soapNs = 'http://schemas.xmlsoap.org/soap/envelope/';
export const typesNs = 'http://schemas.microsoft.com/exchange/services/2006/types';
export const messagesNs = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const errorsNs = 'http://schemas.microsoft.com/exchange/services/2006/errors';
const declaration = '<?xml version="1.0" encoding="utf-8"?>';
const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const xsd = 'xmlns:xsd="http://www.w3.org/2001/XMLSchema"';

/** A whole answer around the markup of the body. */
export function envelope(profile: Profile, body: string): string {
  return `${declaration}<s:Envelope xmlns:s="${soapNs}"><s:Header><h:ServerVersionInfo ${versionAttributes(profile)} xmlns:h="${typesNs}" xmlns="${typesNs}" ${profile.headerNamespaces === 'xsi xsd' ? `${xsi} ${xsd}` : `${xsd} ${xsi}`}/></s:Header><s:Body ${xsi} ${xsd}>${body}</s:Body></s:Envelope>`;
}

/** `m:<name>Response` with its namespace declarations. */
export function responseElement(name: string, content: string, attributes = ''): string {
  return `<m:${name}Response${attributes} xmlns:m="${messagesNs}" xmlns:t="${typesNs}">${content}</m:${name}Response>`;
}

export function versionAttributes(profile: Profile): string {
  const [major, minor, majorBuild, minorBuild] = profile.build;
  return `MajorVersion="${major}" MinorVersion="${minor}" MajorBuildNumber="${majorBuild}" MinorBuildNumber="${minorBuild}" Version="${profile.version}"`;
}

/** A SOAP fault; faults carry no header from 2010 on. */
export function faultEnvelope(fault: EwsFault): string {
  const messageXml = fault.details === '' ? '' : `<t:MessageXml xmlns:t="${typesNs}">${fault.details}</t:MessageXml>`;
  return faultText(fault.code, fault.message, fault.message, messageXml);
}

/** The fault for a request that does not validate. */
export function schemaFaultEnvelope(violation: Violation): string {
  const place = `<t:LineNumber>${violation.line}</t:LineNumber><t:LinePosition>${violation.position}</t:LinePosition>`;
  const messageXml = `<t:MessageXml xmlns:t="${typesNs}">${place}<t:Violation>${escapeText(violation.reason)}</t:Violation></t:MessageXml>`;
  const text = 'The request failed schema validation';
  return faultText('ErrorSchemaValidation', `${text}: ${violation.reason}`, `${text}.`, messageXml);
}

function faultText(code: string, faultString: string, message: string, messageXml: string): string {
  return `${declaration}<s:Envelope xmlns:s="${soapNs}"><s:Body><s:Fault><faultcode xmlns:a="${typesNs}">a:${attributeText(code)}</faultcode><faultstring xml:lang="en-US">${escapeText(faultString)}</faultstring><detail><e:ResponseCode xmlns:e="${errorsNs}">${code}</e:ResponseCode><e:Message xmlns:e="${errorsNs}">${escapeText(message)}</e:Message>${messageXml}</detail></s:Fault></s:Body></s:Envelope>`;
}
