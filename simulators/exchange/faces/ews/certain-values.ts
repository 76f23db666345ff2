/**
 * Values that are certainly of a simple type of XML Schema. Every test here is narrower than the type: what it accepts, any
 * validator accepts; what it does not know, it leaves to one.
 */
import type { XmlElement } from '#xml/reader.ts';

/** Whether a text is certainly a value of one type. */
export type ValueTest = (text: string) => boolean;

/** Texts longer than this many characters are left to the validator where a pattern would have to read them. */
const patternLengthMax = 65_536;

const never: ValueTest = () => false;

const builtIn: Readonly<Record<string, ValueTest>> = {
  string: () => true,
  boolean: (text) => text === 'true' || text === 'false' || text === '1' || text === '0',
  int: isShortInteger,
  integer: isShortInteger,
  long: isShortInteger,
  short: (text) => /^-?\d{1,4}$/.test(text),
  unsignedInt: (text) => /^\d{1,9}$/.test(text),
  nonNegativeInteger: (text) => /^\d{1,9}$/.test(text),
  double: isShortDecimal,
  float: isShortDecimal,
  dateTime: (text) =>
    isDay(text) &&
    /^.{10}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?$/.test(text),
  date: (text) => isDay(text) && /^.{10}(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?$/.test(text),
  time: (text) => /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text),
  duration: (text) => /^-?PT\d{1,9}[HMS]$/.test(text),
  language: (text) => /^[A-Za-z]{2}(?:-[A-Za-z]{2})?$/.test(text),
  anyURI: (text) =>
    text.length < patternLengthMax && /^https?:\/\/[\w.-]+(?::\d{1,5})?(?:\/[\w.~/-]*)?(?:\?[\w.~/=&-]*)?$/.test(text),
  base64Binary: isPlainBase64,
};

/** The test for a type of the schema namespace; one that is never passed for types that are not known here. */
export function builtInTest(name: string): ValueTest {
  return builtIn[name] ?? never;
}

/** `xs:restriction` of a simple type; with a facet that is not known here, never passed. */
export function restrictedTest(base: ValueTest, facets: readonly XmlElement[]): ValueTest {
  const words = new Set<string>();
  const tests: ValueTest[] = [base];
  for (const { name, attributes } of facets) {
    const value = attributes.value ?? '';
    if (name === 'enumeration') words.add(value);
    else tests.push(facetTest(name, value));
  }
  if (words.size > 0) tests.push((text) => words.has(text));
  return (text) => tests.every((one) => one(text));
}

/** `xs:list`: items apart by one space. */
export function listTest(item: ValueTest): ValueTest {
  return (text) => text.length < patternLengthMax && text.split(' ').every((one) => one !== '' && item(one));
}

/** Lengths count characters, of which a text has at most as many as code units, and one when it is not empty. */
function facetTest(name: string, value: string): ValueTest {
  const limit = Number(value);
  switch (name) {
    case 'annotation':
    case 'whiteSpace':
      return () => true;
    case 'minLength':
      return limit <= 1 ? (text) => text.length >= limit : never;
    case 'maxLength':
      return (text) => text.length <= limit;
    case 'length':
      return limit === 0 ? (text) => text === '' : never;
    case 'minInclusive':
      return (text) => Number(text) >= limit;
    case 'maxInclusive':
      return (text) => Number(text) <= limit;
    case 'pattern':
      return patternTest(value);
    default:
      return never;
  }
}

/** Patterns of plain letters, digits, sets and counts mean the same in XML Schema and here. */
function patternTest(pattern: string): ValueTest {
  if (!/^(?:[\w[\]{}(),|*+?-]|\\\.)+$/.test(pattern)) return never;
  const whole = new RegExp(`^(?:${pattern})$`);
  return (text) => text.length < patternLengthMax && whole.test(text);
}

/** Begins with a day of the years 1000 to 2999; the 29th of February is left out. */
function isDay(text: string): boolean {
  return /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]|(?<!-02-)(?:29|30)|(?<=-(?:0[13578]|1[02])-)31)/.test(text);
}

function isShortInteger(text: string): boolean {
  return text.length <= 10 && /^-?\d{1,9}$/.test(text);
}

function isShortDecimal(text: string): boolean {
  return text.length <= 20 && /^-?\d{1,9}(?:\.\d{1,9})?$/.test(text);
}

/** Without white space, and without bits behind the last byte. */
function isPlainBase64(text: string): boolean {
  if (text.length > patternLengthMax || text.length % 4 !== 0) return false;
  return /^[A-Za-z0-9+/]*(?:[AEIMQUYcgkosw048]=|[AQgw]==)?$/.test(text);
}
