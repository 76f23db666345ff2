/** The canonical form of a body. */
import { createRequire } from 'node:module';
import type { Body } from './item.ts';
import { limits } from './limits.ts';
import { lines } from './text.ts';

/** A body without text gets the text a reader of its HTML would see; one that has none either says nothing. */
export function normaliseBody(body: Body): Body | undefined {
  const html = lines(body.html);
  const text = lines(body.text) ?? (html === undefined ? undefined : lines(htmlText(html)));
  if (text === undefined) return undefined;
  return html === undefined ? { text } : { text, html };
}

type Convert = (html: string, options: object) => string;

let convert: Convert | undefined;

/** No link targets, no images, no wrapping. The converter is loaded on first use: most runs never need it. */
function htmlText(html: string): string {
  convert ??= (createRequire(import.meta.url)('html-to-text') as { readonly convert: Convert }).convert;
  return convert(html, {
    wordwrap: false,
    limits: { maxInputLength: limits.htmlCharsMax, maxDepth: limits.htmlDepthMax },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
    ],
  });
}
