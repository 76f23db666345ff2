/** Reading a request as strictly as the servers do: what is not well-formed, declares a type or nests too deep is refused. */
import type { XmlElement } from '#xml/reader.ts';
import { Refusal, Scanner } from '#xml/scanner.ts';
import { malformedViolation, type Violation } from './schema.ts';

export type ReadRequest =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly violation: Violation };

/** Reads the text of a request. Never throws; the work is bounded by the length of the text. */
export function readRequest(text: string): ReadRequest {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return { ok: true, root: new Scanner(source).document() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, violation: violationOf(error, source) };
  }
}

/** Document types are never given to a validator, which would have to read what they declare. */
function violationOf({ fault }: Refusal, source: string): Violation {
  const known = (reason: string): Violation => ({ line: 0, position: 0, reason, malformed: true });
  switch (fault.kind) {
    case 'doctype':
      return known('For security reasons DTD is prohibited in this XML document.');
    case 'tooDeep':
      return known('The maximum read depth has been exceeded.');
    case 'empty':
      return known('Root element is missing.');
    case 'malformed':
      return malformedViolation(source) ?? known(fault.message);
  }
}
