/** The line format of iCalendar (RFC 5545 3.1): unfolding, components, parameters, escaped text. */

export interface ContentLine {
  /** Upper case. */
  readonly name: string;
  /** Keys in upper case. */
  readonly parameters: Readonly<Record<string, string>>;
  /** As written, still escaped. */
  readonly value: string;
}

export interface Component {
  /** Upper case. */
  readonly name: string;
  readonly lines: readonly ContentLine[];
  readonly children: readonly Component[];
}

/** Components nested deeper, or lines more than this, are refused. */
const depthMax = 8;
const linesMax = 50_000;

/** Unfolded content lines. */
export function calendarLines(text: string): readonly string[] {
  return text
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
}

/** Reads one whole component; undefined when the lines are not one. */
export function readCalendar(lines: readonly string[]): Component | undefined {
  if (lines.length > linesMax) return undefined;
  const open: { name: string; lines: ContentLine[]; children: Component[] }[] = [];
  for (const text of lines) {
    const line = readLine(text);
    if (line === undefined) return undefined;
    if (line.name === 'BEGIN') {
      if (open.length >= depthMax) return undefined;
      open.push({ name: line.value.toUpperCase(), lines: [], children: [] });
    } else if (line.name === 'END') {
      const closed = open.pop();
      if (closed === undefined || closed.name !== line.value.toUpperCase()) return undefined;
      const above = open.at(-1);
      if (above === undefined) return closed;
      above.children.push(closed);
    } else open.at(-1)?.lines.push(line);
  }
  return undefined;
}

function readLine(text: string): ContentLine | undefined {
  const match = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s.exec(
    text,
  );
  if (match === null) return undefined;
  const parameters: Record<string, string> = {};
  for (const part of (match[2] ?? '').matchAll(/;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)/g)) {
    parameters[(part[1] ?? '').toUpperCase()] = (part[2] ?? '').replace(/"/g, '');
  }
  return { name: (match[1] ?? '').toUpperCase(), parameters, value: match[3] ?? '' };
}

export function childrenOf(component: Component, name: string): readonly Component[] {
  return component.children.filter((one) => one.name === name);
}

export function lineOf(component: Component | undefined, name: string): ContentLine | undefined {
  return component?.lines.find((one) => one.name === name);
}

export function rawValue(component: Component | undefined, name: string): string | undefined {
  return lineOf(component, name)?.value;
}

/** Text with its escapes undone; line ends as a store keeps them. */
export function plainValue(component: Component, name: string): string | undefined {
  return rawValue(component, name)?.replace(/\\([nN\\;,])/g, (_, one: string) => (/n/i.test(one) ? '\r\n' : one));
}

export function escapedText(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|[\r\n]/g, '\\n');
}

/** Lines of at most 75 octets each, continued with a space. */
export function foldedText(lines: readonly string[]): string {
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function folded(line: string): string {
  let out = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      out += '\r\n ';
      octets = 1;
    }
    out += character;
    octets += size;
  }
  return out;
}
