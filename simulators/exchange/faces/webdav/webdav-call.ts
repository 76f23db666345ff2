/** One WebDAV request in progress, and its answer. */
import type { Ports } from '#ports/ports.ts';
import type { Control } from '../../control/control.ts';
import type { Account, Directory } from '../../sign-in/directory.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Access } from './access.ts';
import { type Location, locate, type Surroundings } from './locate.ts';
import { statusLine } from './status.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { WebdavSettings } from './webdav-settings.ts';

/** What all requests share. */
export interface WebdavServer extends Surroundings {
  readonly directory: Directory;
  readonly ports: Ports;
  readonly control: Control;
  readonly settings: WebdavSettings;
  readonly subscriptions: Subscriptions;
}

export interface WebdavCall {
  readonly server: WebdavServer;
  readonly account: Account;
  readonly access: Access;
  /** Name that changes are recorded under. */
  readonly writer: string;
  readonly method: string;
  /** Path of the request without query, still encoded. */
  readonly path: string;
  /** `https://host`, as the client called it. */
  readonly origin: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly location: Location;
}

export interface WebdavAnswer {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly body?: string | Buffer | undefined;
  readonly contentType?: string | undefined;
}

export type Method = (call: WebdavCall) => WebdavAnswer | Promise<WebdavAnswer>;

/** An answer that only says how it went, with the page that the server puts under it. */
export function plainAnswer(status: number, headers: WebdavAnswer['headers'] = []): WebdavAnswer {
  if (status < 400) return { status, headers };
  const text = statusLine(status).slice('HTTP/1.1 '.length);
  return { status, headers, body: `<body><h2>HTTP/1.1 ${text}</h2></body>`, contentType: 'text/html' };
}

/** A multistatus. */
export function listAnswer(body: string, headers: WebdavAnswer['headers'] = []): WebdavAnswer {
  return { status: 207, headers: [['Accept-Ranges', 'rows'], ...headers], body, contentType: 'text/xml' };
}

/** `Brief: t`: what goes without saying is left out. */
export function isBrief(call: WebdavCall): boolean {
  return call.headers.brief?.toLowerCase() === 't';
}

/** Another URL in the same request: a target of a batch relative to the collection, a destination, a scope. */
export function locateUrl(call: WebdavCall, url: string): Location {
  const path = pathOfUrl(url, call.path);
  return path === undefined ? { kind: 'nowhere', place: undefined } : locate(path, call.origin, call.server);
}

/** The path of an absolute URL, whatever its host; of an absolute path; or of a name inside `base`. */
export function pathOfUrl(url: string, base: string): string | undefined {
  const absolute = /^https?:\/\/[^/]*(\/[^?#]*)?/i.exec(url);
  if (absolute !== null) return absolute[1] ?? '/';
  if (url.startsWith('/')) return url.replace(/[?#].*$/s, '');
  const folder = base.endsWith('/') ? base : `${base}/`;
  return `${folder}${url.replace(/^\.\//, '')}`;
}

/** The folder that a location is, or is in. */
export function folderOf(location: Location): Folder | undefined {
  switch (location.kind) {
    case 'found':
      return location.resource.kind === 'folder' ? location.resource.folder : location.resource.view.item.folder;
    case 'free':
      return location.parent;
    case 'part':
      return location.resource.view.item.folder;
    default:
      return undefined;
  }
}
