/** Addresses the server gives: absolute, percent-encoded, often with another host or scheme than it was asked by. */

/** The path of an href, each segment encoded one way, so that equal resources have equal paths. Undefined: it is none. */
export function pathOfHref(href: string): string | undefined {
  const path = /^[a-z]+:\/\/[^/]*(\/.*)?$/i.exec(href)?.[1] ?? (href.startsWith('/') ? href : undefined);
  if (path === undefined) return undefined;
  return path
    .split('/')
    .map((segment) => encoded(segment))
    .join('/');
}

function encoded(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment))
      .replaceAll('%40', '@')
      .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    // A lone percent sign: the server takes its own spelling back.
    return segment;
  }
}

/** The last segment. */
export function lastSegment(path: string): string {
  return path.slice(path.replace(/\/$/, '').lastIndexOf('/') + 1);
}

/** The path up to and with the last slash. */
export function parentPath(path: string): string {
  return path.slice(0, path.replace(/\/$/, '').lastIndexOf('/') + 1);
}
