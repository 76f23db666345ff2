/** Validates EWS messages against the official schemas in `ews-schema/` (libxml2). */
import { readFileSync } from 'node:fs';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

export type SchemaVersion = 'exchange2010-sp2' | 'exchange-se-15.2.2562';

const folder = new URL('./ews-schema/', import.meta.url);
const validators = new Map<SchemaVersion, XsdValidator>();

/** What the schema finds wrong with a whole SOAP envelope; empty when nothing. */
export function schemaErrors(envelope: string, version: SchemaVersion = 'exchange2010-sp2'): readonly string[] {
  const document = XmlDocument.fromString(envelope);
  try {
    validatorOf(version).validate(document);
    return [];
  } catch (error) {
    const details = (error as { readonly details?: readonly { readonly message: string }[] }).details;
    return details?.map((detail) => detail.message.trim()) ?? [String(error)];
  } finally {
    document.dispose();
  }
}

/** The schema files import each other by file URL. */
function validatorOf(version: SchemaVersion): XsdValidator {
  if (validators.size === 0) xmlRegisterFsInputProviders();
  let validator = validators.get(version);
  if (validator === undefined) {
    const url = new URL(`${version}/ews-all.xsd`, folder);
    const schema = XmlDocument.fromBuffer(readFileSync(url), { url: url.href });
    validator = XsdValidator.fromDoc(schema);
    validators.set(version, validator);
  }
  return validator;
}
