/** Bodies of messages, kept in the format they were written in and converted on reading. */
import type { Draft } from '../../truth/draft.ts';
import { propertyOf, type View } from '../../truth/item.ts';
import { message } from '../../truth/property-keys.ts';

export interface Body {
  readonly type: 'HTML' | 'Text';
  readonly content: string;
}

/** The body in the wanted format; Best means the format it was written in. */
export function bodyOf(view: View, wanted: 'Best' | 'HTML' | 'Text'): Body {
  const html = propertyOf(view, message.html);
  const text = propertyOf(view, message.body);
  if (html !== undefined) {
    const content = Buffer.from(html).toString('utf8');
    return wanted === 'Text' ? { type: 'Text', content: textOfHtml(content) } : { type: 'HTML', content };
  }
  if (wanted !== 'HTML' || text === undefined || text === '') {
    return { type: wanted === 'HTML' ? 'HTML' : 'Text', content: text ?? '' };
  }
  return { type: 'HTML', content: htmlOfText(text) };
}

/** Replaces the body; line ends become CR LF as the store keeps them. */
export function setBody(draft: Draft, body: Body): void {
  const content = body.content.replace(/\r\n|\r|\n/g, '\r\n');
  if (body.type === 'HTML') {
    draft.set(message.html, new Uint8Array(Buffer.from(content, 'utf8')));
    draft.delete(message.body);
  } else {
    draft.set(message.body, content);
    draft.delete(message.html);
  }
}

export function clearBody(draft: Draft): void {
  draft.delete(message.body);
  draft.delete(message.html);
}

/** The page that a server makes of plain text. */
export function htmlOfText(text: string): string {
  const lines = text.replace(/\r\n|\r|\n/g, '\n').split('\n');
  const content = lines.map(htmlLine).join('<br>\r\n');
  return `<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n<meta name="Generator" content="Microsoft Exchange Server">\r\n<!-- converted from text -->\r\n<style><!-- .EmailQuote { margin-left: 1pt; padding-left: 4pt; border-left: #800000 2px solid; } --></style>\r\n</head>\r\n<body>\r\n<font size="2"><span style="font-size:11pt;"><div class="PlainText">${content}</div></span></font>\r\n</body>\r\n</html>\r\n`;
}

/** Plain text of a page: blocks on lines of their own, tags gone, references resolved. */
export function textOfHtml(html: string): string {
  const body = /<body[^>]*>([\s\S]*?)(?:<\/body>|$)/i.exec(html)?.[1] ?? html;
  const text = body
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, '')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/<br[^>]*>\s?/gi, '\n')
    .replace(/\s?<\/?(?:p|div|tr|h[1-6]|li|ul|ol|table)\b[^>]*>\s?/gi, '\n')
    .replace(/<[^>]+>/g, '')
    .replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => characterOf(name) ?? whole)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return text === '' ? '' : `${text.replaceAll('\n', '\r\n')}\r\n`;
}

function htmlLine(line: string): string {
  return line
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/ {2}/g, '&nbsp; ');
}

const namedCharacters: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  euro: '€',
  ndash: '–',
  mdash: '—',
  hellip: '…',
};

function characterOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  const code = lower.startsWith('#x') ? Number.parseInt(lower.slice(2), 16) : Number.parseInt(lower.slice(1), 10);
  if (!lower.startsWith('#')) return namedCharacters[lower];
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
