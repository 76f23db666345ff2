/**
 * Validation against the XSD of the played build. Requests that do not validate are refused the way the servers do: with
 * the line, the position and a sentence in the wording family of .NET's schema validator.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { XmlDocument, XmlError, XmlLibError, XmlElement as XmlTreeElement, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import { datatypeOf } from './datatypes.ts';
import { messagesNs, typesNs } from './envelope.ts';

/** Why a document was refused; line and position are 1-based, 0 when unknown. */
export interface Violation {
  readonly line: number;
  readonly position: number;
  readonly reason: string;
  /** The whole text was not even well-formed. */
  readonly malformed: boolean;
}

const validators = new Map<string, XsdValidator>();
let providersRegistered = false;

/** Checks the operation inside the SOAP body; undefined when it is valid. `folder` is a folder of `schema/`. */
export function schemaViolation(text: string, folder: string): Violation | undefined {
  let document: XmlDocument | undefined;
  try {
    document = XmlDocument.fromString(text);
    const body = childOf(childOf(document.root, 'Body'));
    if (body === undefined) return { line: 0, position: 0, reason: 'The SOAP body is empty.', malformed: true };
    validatorOf(folder).validate(body as Parameters<XsdValidator['validate']>[0] & XmlDocument);
    return undefined;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return violationOf(error, text, document === undefined, folder);
  } finally {
    document?.dispose();
  }
}

/** Why a text is not well-formed, in the parser's words; undefined when the parser thinks it is. */
export function malformedViolation(text: string): Violation | undefined {
  try {
    XmlDocument.fromString(text).dispose();
    return undefined;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return violationOf(error, text, true, '');
  }
}

/** The first child element, of that local name when one is given. */
function childOf(element: XmlTreeElement | undefined, name?: string): XmlTreeElement | undefined {
  for (let at = element?.firstChild ?? null; at !== null; at = at.next) {
    if (at instanceof XmlTreeElement && (name === undefined || at.name === name)) return at;
  }
  return undefined;
}

function validatorOf(folder: string): XsdValidator {
  const known = validators.get(folder);
  if (known !== undefined) return known;
  if (!providersRegistered) {
    xmlRegisterFsInputProviders();
    providersRegistered = true;
  }
  const path = fileURLToPath(new URL(`../../schema/${folder}/ews-all.xsd`, import.meta.url));
  const source = XmlDocument.fromBuffer(readFileSync(path), { url: path });
  const validator = XsdValidator.fromDoc(source);
  source.dispose();
  validators.set(folder, validator);
  return validator;
}

function violationOf(error: XmlError, text: string, malformed: boolean, folder: string): Violation {
  const detail = error instanceof XmlLibError ? error.details[0] : undefined;
  const message = (detail?.message ?? error.message).trim();
  if (malformed) {
    const line = detail?.line ?? 1;
    return { line: 0, position: 0, reason: `${message} Line ${line}, position ${detail?.col ?? 1}.`, malformed };
  }
  const reason = dotNetReason(message, detail?.xpath ?? '', folder);
  return { ...placeOf(message, text, detail?.line ?? 1), reason, malformed };
}

const elementOf = /^Element '(?:\{([^}]*)\})?([^']+)'(?:, attribute '(?:\{[^}]*\})?([^']+)')?: /;

/** Restates libxml2's finding as the servers' validator words it. */
function dotNetReason(message: string, xpath: string, folder: string): string {
  const match = elementOf.exec(message);
  const [, ns = '', name = '', attribute] = match ?? [];
  const rest = match === null ? message : message.slice(match[0].length);
  const subject = attribute === undefined ? `'${ns}:${name}' element` : `'${attribute}' attribute`;
  const value = /^(?:\[facet '(\w+)'\] The value )?'([^']*)' is /.exec(rest);
  if (value !== null) {
    const datatype = datatypeOf(folder, name, attribute);
    const named = datatype === undefined ? '' : ` '${datatype}'`;
    const facet = facetNames[value[1] ?? ''];
    const tail =
      facet === undefined ? 'The string is not a valid value of the type.' : `The ${facet} constraint failed.`;
    return `The ${subject} is invalid - The value '${value[2]}' is invalid according to its datatype${named} - ${tail}`;
  }
  const length = /^\[facet '(minLength|maxLength)'\]/.exec(rest)?.[1];
  if (length !== undefined) {
    const [side, limit] = length === 'minLength' ? ['less', 'MinLength'] : ['greater', 'MaxLength'];
    return `The ${subject} is invalid - The actual length is ${side} than the ${limit} value.`;
  }
  const missing = /^The attribute '([^']+)' is required but missing/.exec(rest);
  if (missing !== null) return `The required attribute '${missing[1]}' is missing.`;
  if (rest.startsWith('No matching global')) {
    return `Could not find schema information for the element '${ns}:${name}'.`;
  }
  if (rest.startsWith('This element is not expected')) {
    return `The element ${parentOf(xpath)} has invalid child element '${name}' in namespace '${ns}'.${expected(rest)}`;
  }
  if (rest.startsWith('Missing child element')) {
    return `The element '${name}' in namespace '${ns}' has incomplete content.${expected(rest)}`;
  }
  const undeclared = /^The attribute '([^']+)' is not allowed/.exec(rest);
  if (undeclared !== null) return `The '${undeclared[1]}' attribute is not declared.`;
  return `The ${subject} is invalid - ${rest}`;
}

/** The element that holds the offending one; operations are in the messages namespace, what they hold in the types one. */
function parentOf(xpath: string): string {
  const names = xpath.split('/').filter((one) => one !== '');
  const parent = (names.at(-2) ?? '').replace(/^.*:/, '').replace(/\[\d+\]$/, '');
  return `'${parent}' in namespace '${names.length <= 4 ? messagesNs : typesNs}'`;
}

const facetNames: Readonly<Record<string, string>> = {
  enumeration: 'Enumeration',
  pattern: 'Pattern',
  minLength: 'MinLength',
  maxLength: 'MaxLength',
  minInclusive: 'MinInclusive',
  maxInclusive: 'MaxInclusive',
};

function expected(rest: string): string {
  const list = /\(([^)]*)\)/.exec(rest)?.[1];
  if (list === undefined) return '';
  const names = list.split(',').map((one) => one.trim().replace(/^\{[^}]*\}/, ''));
  return ` List of possible elements expected: '${names.join(', ')}' in namespace '${typesNs}'.`;
}

/** Where the offending element, or attribute, stands: the recorded position is that of its name. */
function placeOf(message: string, text: string, line: number): { line: number; position: number } {
  const match = elementOf.exec(message);
  const [, , name = '', attribute] = match ?? [];
  const value = /The value '([^']*)'/.exec(message)?.[1];
  const lines = text.split('\n');
  const row = lines[line - 1] ?? '';
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern =
    attribute === undefined
      ? new RegExp(`<(?:\\w+:)?${escaped}[\\s/>]`)
      : new RegExp(`<(?:\\w+:)?${escaped}\\s[^>]*?\\b(${attribute})\\s*=\\s*["']${literal(value)}["']`, 'd');
  const found = pattern.exec(row) as (RegExpExecArray & { indices?: [number, number][] }) | null;
  if (found === null) return { line, position: 1 };
  const at = attribute === undefined ? found.index + 1 : (found.indices?.[1]?.[0] ?? found.index);
  return { line, position: at + 1 };
}

function literal(value: string | undefined): string {
  return value === undefined ? '[^"\']*' : value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
