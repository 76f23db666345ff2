/**
 * Finding a mailbox by autodiscover: candidates in the documented order, at each the SOAP, the plain XML and the JSON dialect.
 *
 * What must hold: the password goes over https to hosts that `maySignIn` trusts and nowhere else; no question is asked twice;
 * redirects are bounded; after two refused sign-ins nothing is sent any more, because accounts lock; "there is no such
 * mailbox" is only concluded from an answer that says so.
 */
import type { Connections } from '#connectors/transport/connections.ts';
import type { HttpAnswer, HttpResult } from '#connectors/transport/http.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import { inOrder, type ResolveSrv } from '../active-directory/controllers.ts';
import { type Found, note, type Trail } from '../found.ts';
import type { DiscoverAnswer, Settings } from './answer.ts';
import { baseOf, type Candidate, candidatesFor, maySignIn, type Trust } from './candidates.ts';
import { get } from './get.ts';
import { jsonUrl, readJson } from './json.ts';
import { buildPox, readPox } from './pox.ts';
import { buildUserSettings, readUserSettings } from './soap.ts';

export interface AutodiscoverSettings {
  /** Name of the directory in the configuration. */
  readonly name: string;
  readonly urls: readonly string[];
  /** Hosts that redirects may lead to, and that may be asked over http. */
  readonly hosts: readonly string[];
  readonly signIn: { readonly kind: 'basic' | 'ntlm'; readonly user: string; readonly password: string };
  readonly tls: { readonly caFile?: string | undefined; readonly allowOldVersions: boolean };
  readonly connectMs: number;
  readonly requestMs: number;
}

export interface AutodiscoverWorld {
  readonly ports: Ports;
  readonly connections: Connections;
  readonly resolve: ResolveSrv;
  /** URLs of service connection points; empty where no directory tells any. */
  readonly servicePoints: () => Promise<readonly string[]>;
}

const redirectsMax = 10;
const refusalsMax = 2;

/** One search for one address. */
interface Walk {
  readonly settings: AutodiscoverSettings;
  readonly world: AutodiscoverWorld;
  readonly trust: Trust;
  readonly address: string;
  readonly trail: Trail;
  /** URLs asked already for this address. */
  readonly asked: Set<string>;
  /** Hosts that refused the sign-in. */
  readonly refused: Set<string>;
  redirects: number;
  /** The most telling trouble so far. */
  trouble: Fault | undefined;
  unknown: string | undefined;
}

export async function autodiscover(
  settings: AutodiscoverSettings,
  world: AutodiscoverWorld,
  address: string,
  trail: Trail,
): Promise<Found> {
  const domain = address.split('@')[1] ?? '';
  const servicePoints = await world.servicePoints();
  const hosts = [...settings.hosts, ...settings.urls.flatMap((url) => hostOf(url) ?? [])];
  const walk: Walk = {
    settings,
    world,
    trust: {
      domain,
      hosts: new Set(hosts.map((host) => host.toLowerCase())),
      servicePoints: new Set(servicePoints.flatMap((url) => hostOf(url) ?? [])),
    },
    address,
    trail,
    asked: new Set(),
    refused: new Set(),
    redirects: 0,
    trouble: undefined,
    unknown: undefined,
  };
  for (const candidate of candidatesFor(domain, { urls: settings.urls, servicePoints })) {
    if (walk.refused.size >= refusalsMax) break;
    const found = await tryCandidate(walk, candidate);
    if (found !== undefined) return found;
  }
  return concluded(walk);
}

/** Only a server that was signed in to, or that needs no sign-in, can know that somebody is not there. */
function concluded({ unknown, trouble, refused, settings, trail }: Walk): Found {
  if (unknown !== undefined) return { kind: 'unknown', message: unknown };
  if (refused.size > 0) {
    const message = `Autodiscover refused the sign-in at ${[...refused].join(', ')}.`;
    return { kind: 'failed', fault: fault('authentication.rejected', message, { source: 'HTTP 401' }) };
  }
  note(trail, `${settings.name}: autodiscover found nothing`);
  const none = fault('server.unreachable', 'Autodiscover answers at none of its addresses.');
  return { kind: 'failed', fault: trouble ?? none };
}

async function tryCandidate(walk: Walk, candidate: Candidate): Promise<Found | undefined> {
  switch (candidate.kind) {
    case 'base':
      return await askBase(walk, candidate.base, candidate.because);
    case 'redirect':
      // What stands behind the @ of an address need not be a host name.
      return URL.canParse(candidate.url) ? await askRedirect(walk, new URL(candidate.url)) : undefined;
    case 'srv':
      return await askSrv(walk, candidate.name);
  }
}

/** All dialects at one place. */
async function askBase(walk: Walk, base: string, because: string): Promise<Found | undefined> {
  const url = new URL(`${base}.svc`);
  if (!maySignIn(url, walk.trust)) {
    note(walk.trail, `${url.origin}: not asked, because the configuration does not allow this host (${because})`);
    return undefined;
  }
  note(walk.trail, `${url.origin}: asked, because of: ${because}`);
  const soap = await ask(walk, url, 'soap');
  if (soap !== undefined) return soap;
  // A host that refused the sign-in, or that cannot be reached, will not do better in another dialect.
  if (walk.refused.has(url.host) || walk.asked.has(unreachableMark(url))) return undefined;
  const pox = await ask(walk, new URL(`${base}.xml`), 'pox');
  if (pox !== undefined || walk.refused.has(url.host)) return pox;
  return await ask(walk, new URL(jsonUrl(base, walk.address)), 'json');
}

type Dialect = 'soap' | 'pox' | 'json';

function unreachableMark(url: URL): string {
  return `unreachable ${url.host}`;
}

/** Undefined: go on with the next question. */
async function ask(walk: Walk, url: URL, dialect: Dialect): Promise<Found | undefined> {
  if (walk.asked.has(url.href) || walk.refused.size >= refusalsMax) return undefined;
  walk.asked.add(url.href);
  const result = await sent(walk, url, dialect);
  if (result.kind === 'failure') {
    const what =
      result.reason === 'tls' ? 'server.tls' : result.reason === 'timeout' ? 'server.timeout' : 'server.unreachable';
    note(walk.trail, `${url.origin}: no answer (${result.source})`);
    walk.asked.add(unreachableMark(url));
    walk.trouble ??= fault(what, `No answer from autodiscover at ${url.host}.`, { source: result.source });
    return undefined;
  }
  const { status, headers } = result;
  if (status === 401) {
    note(walk.trail, `${url.href}: the sign-in was refused`);
    walk.refused.add(url.host);
    return undefined;
  }
  if (status >= 300 && status < 400) return await redirected(walk, resolved(headers.location, url), dialect);
  const isError = status !== 200 && !(dialect === 'json' && status < 500);
  const read = isError || isPage(result) ? undefined : readers[dialect](result.body);
  if (read === undefined) {
    note(walk.trail, `${url.href}: HTTP ${status}${isPage(result) ? ', a web page' : ''}`);
    return undefined;
  }
  return await understood(walk, url, dialect, read);
}

const readers: Readonly<Record<Dialect, (text: string) => DiscoverAnswer>> = {
  soap: readUserSettings,
  pox: readPox,
  json: readJson,
};

async function understood(walk: Walk, url: URL, dialect: Dialect, read: DiscoverAnswer): Promise<Found | undefined> {
  switch (read.kind) {
    case 'settings':
      note(walk.trail, `${url.href}: found`);
      return { kind: 'found', location: locationOf(walk, read.settings) };
    case 'address':
      note(walk.trail, `${url.href}: another address stands for it`);
      return { kind: 'redirected', address: read.address };
    case 'url':
      return await redirected(walk, resolved(read.url, url), dialect);
    case 'unknown':
      note(walk.trail, `${url.href}: there is no such mailbox (${read.code})`);
      walk.unknown ??= `autodiscover at ${url.host} knows no such mailbox`;
      return undefined;
    case 'busy':
      note(walk.trail, `${url.href}: it cannot say (${read.code})`);
      walk.trouble ??= fault('server.failure', `Autodiscover at ${url.host} failed.`, { source: read.code });
      return undefined;
    case 'other':
      note(walk.trail, `${url.href}: ${read.reason}`);
      return undefined;
  }
}

async function redirected(walk: Walk, target: URL | undefined, dialect: Dialect): Promise<Found | undefined> {
  walk.redirects += 1;
  if (target === undefined || walk.redirects > redirectsMax) {
    note(walk.trail, target === undefined ? 'a redirect that leads nowhere' : 'too many redirects');
    walk.trouble ??= fault('server.garbled', 'Autodiscover redirects without end.');
    return undefined;
  }
  if (!maySignIn(target, walk.trust)) {
    note(walk.trail, `${target.origin}: not followed, because the configuration does not allow this host`);
    walk.trouble ??= fault('server.notExchange', `Autodiscover redirects to ${target.host}, which is not allowed.`);
    return undefined;
  }
  note(walk.trail, `redirected to ${target.href}`);
  // The other dialect may have been asked there; the extension says which one the target means.
  const named = /\.(svc|xml|json)\b/i.exec(target.pathname)?.[1]?.toLowerCase();
  const meant: Dialect = named === 'svc' ? 'soap' : named === 'xml' ? 'pox' : named === 'json' ? 'json' : dialect;
  return await ask(walk, target, meant);
}

/** Asked without credentials: whoever answers http may be anybody, and only a redirect to a trusted https host counts. */
async function askRedirect(walk: Walk, url: URL): Promise<Found | undefined> {
  const { settings } = walk;
  const answer = await get(url, {}, { connectMs: settings.connectMs, requestMs: settings.requestMs });
  if (answer.kind === 'failure' || answer.status < 301 || answer.status > 302) return undefined;
  const target = resolved(answer.headers.location, url);
  if (target === undefined || target.protocol !== 'https:') return undefined;
  note(walk.trail, `${url.href}: redirects to ${target.href}`);
  const base = baseOf(target.href);
  return base === undefined ? undefined : await askBase(walk, base, 'a redirect of the autodiscover host');
}

async function askSrv(walk: Walk, name: string): Promise<Found | undefined> {
  const records = await walk.world.resolve(name).catch(() => []);
  const [first] = inOrder(records, walk.world.ports.random);
  if (first === undefined) return undefined;
  const port = first.port === 443 ? '' : `:${first.port}`;
  return await askBase(
    walk,
    `https://${first.name}${port}/autodiscover/autodiscover`,
    'a DNS record of the mail domain',
  );
}

async function sent(walk: Walk, url: URL, dialect: Dialect): Promise<HttpResult> {
  const { settings, world, address } = walk;
  if (dialect === 'json') return await get(url, settings.tls, settings);
  const channelSettings = {
    endpoint: url,
    credentials: settings.signIn,
    tls: settings.tls,
    connectTimeoutMs: settings.connectMs,
  };
  let channel: ReturnType<Connections['open']> | undefined;
  try {
    channel = world.connections.open(channelSettings, world.ports);
    const headers = ['content-type', 'text/xml; charset=utf-8', 'accept', 'text/xml', 'user-agent', 'Liaison/0.1'];
    const body = dialect === 'soap' ? buildUserSettings(address, url.href) : buildPox(address);
    const path = url.pathname + url.search;
    return await channel.send({ method: 'POST', path, headers, body, timeoutMs: settings.requestMs });
  } catch (error) {
    // The file with certificate authorities is read when a connection is opened.
    return { kind: 'failure', reason: 'tls', sent: false, source: (error as NodeJS.ErrnoException).code ?? 'TLS' };
  } finally {
    await channel?.close();
  }
}

function locationOf({ address, settings: { name }, world }: Walk, { smtp, ...told }: Settings) {
  const at = `${new Date(world.ports.clock.now()).toISOString().slice(0, 19)}Z`;
  return { ...told, smtp: smtp ?? address, directory: name, at };
}

/** A parked domain answers everything with a page of its own. */
function isPage(answer: HttpAnswer): boolean {
  return (
    (answer.headers['content-type'] ?? '').includes('html') ||
    /^\s*<(!doctype html|html)/i.test(answer.body.slice(0, 200))
  );
}

function resolved(location: string | undefined, from: URL): URL | undefined {
  return location !== undefined && URL.canParse(location, from) ? new URL(location, from) : undefined;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : undefined;
}
