/** Reads comma-separated values (RFC 4180; `;` as written by many spreadsheets; a byte-order mark). Pure. */

export interface Field {
  readonly text: string;
  /** Where the field begins, from 1. */
  readonly line: number;
  readonly column: number;
}

export interface CsvProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Csv {
  /** Lines without any text are left out. */
  readonly records: readonly (readonly Field[])[];
  readonly problems: readonly CsvProblem[];
}

/** Fields keep their blanks; quotes are taken off. Goes on after a mistake, to tell all of them at once. */
export function readCsv(given: string): Csv {
  const text = given.replace(/^\uFEFF/, '');
  const separator = separatorOf(text);
  const records: Field[][] = [];
  const problems: CsvProblem[] = [];
  let record: Field[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  while (at <= text.length) {
    const start = { line, column: at - lineStart + 1 };
    let value = '';
    if (text[at] === '"') {
      const end = quotedEnd(text, at);
      if (end === undefined) problems.push({ ...start, message: 'this quote is never closed; add a " at its end' });
      value = text.slice(at + 1, end ?? text.length).replaceAll('""', '"');
      for (let newline = text.indexOf('\n', at); newline >= 0 && newline < (end ?? text.length); ) {
        line += 1;
        lineStart = newline + 1;
        newline = text.indexOf('\n', lineStart);
      }
      at = end === undefined ? text.length : end + 1;
      const rest = unquotedEnd(text, at, separator);
      if (text.slice(at, rest).trim() !== '') {
        const message = 'there is text after the closing quote; double every quote inside the field ("")';
        problems.push({ line, column: at - lineStart + 1, message });
      }
      at = rest;
    } else {
      const end = unquotedEnd(text, at, separator);
      value = text.slice(at, end);
      at = end;
    }
    record.push({ text: value, ...start });
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    if (record.some((field) => field.text.trim() !== '')) records.push(record);
    record = [];
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    lineStart = at;
  }
  return { records, problems };
}

/** The one that stands more often in the first line. */
function separatorOf(text: string): ',' | ';' {
  const first = text.slice(0, unquotedEnd(text, 0, ''));
  return first.split(';').length > first.split(',').length ? ';' : ',';
}

/** Where an unquoted field ends: at the separator, the line's end or the text's end. */
function unquotedEnd(text: string, from: number, separator: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === separator || text[at] === '\n' || text[at] === '\r') return at;
  }
  return text.length;
}

/** The closing quote of the field that opens at `from`; a doubled one is part of the text. */
function quotedEnd(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] !== '"') return at;
    at += 1;
  }
  return undefined;
}
