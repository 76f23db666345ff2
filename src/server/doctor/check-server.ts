/** One mailbox server, from its name to one mailbox. */
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, rootCertificates, type SecureContextOptions } from 'node:tls';
import { Agent, request } from 'undici';
import type { ServerConfig } from '../config-schema.ts';
import type { Liaison } from '../liaison.ts';
import { type Environment, readSecret } from '../secret.ts';
import { type Check, codeOf, fail, ok, warn } from './check.ts';
import { checkMailbox } from './check-mailbox.ts';

const networkMs = 10_000;
const certificateDaysLeast = 21;
const dayMs = 86_400_000;

/** Stops at the first thing that makes the rest pointless. Without an open Liaison nobody signs in. */
export async function checkServer(
  name: string,
  server: ServerConfig,
  liaison: Liaison | undefined,
  environment: Environment,
  nowMs: number,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const add = (check: Check): boolean => {
    checks.push({ ...check, name: `server ${name}: ${check.name}` });
    return check.state !== 'fail';
  };
  const url = new URL(server.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!add(await checkName(host))) return checks;
  if (!add(await checkTcp(host, port))) return checks;
  if (url.protocol === 'https:') {
    if (!add(await checkCertificate(host, port, server.tls, nowMs))) return checks;
  } else {
    const loopback = ['127.0.0.1', 'localhost', '::1'].includes(host);
    const message = 'the connection is not encrypted';
    if (!loopback) add(warn('encryption', message, 'Use an https URL: passwords and data cross the network readably.'));
  }
  if (!add(await checkService(server))) return checks;
  const password = await readSecret(server.signIn.password, environment);
  if (!password.ok) {
    add(fail('password', password.message, 'Set it, or name another place under signIn.password.'));
    return checks;
  }
  if (liaison !== undefined) for (const check of await checkMailbox(name, server, liaison)) add(check);
  return checks;
}

async function checkName(hostname: string): Promise<Check> {
  try {
    const { address } = await lookup(hostname);
    return ok('name', `${hostname} is ${address}`);
  } catch (error) {
    const message = `${hostname} cannot be resolved (${codeOf(error)})`;
    return fail('name', message, 'Check the host name in url and the DNS servers of this machine.');
  }
}

function checkTcp(hostname: string, port: number): Promise<Check> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostname, port, timeout: networkMs });
    const refuse = (code: string): void => {
      socket.destroy();
      const remedy = 'Check the port in url, that the server runs, and the firewalls between.';
      resolve(fail('connection', `no connection to ${hostname}:${port} (${code})`, remedy));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve(ok('connection', `${hostname}:${port} answers`));
    });
    socket.once('timeout', () => refuse('timeout'));
    socket.once('error', (error) => refuse(codeOf(error)));
  });
}

async function checkCertificate(
  hostname: string,
  port: number,
  tls: ServerConfig['tls'],
  nowMs: number,
): Promise<Check> {
  const name = 'certificate';
  let options: SecureContextOptions;
  try {
    options = await secureOptions(tls);
  } catch (error) {
    return fail(name, `${tls.caFile} cannot be read (${codeOf(error)})`, 'Name a readable PEM file in tls.caFile.');
  }
  return new Promise((resolve) => {
    const socket = connectTls({
      host: hostname,
      port,
      // A name for the certificate; addresses must not be sent as one (RFC 6066 section 3).
      ...(isIP(hostname) === 0 && { servername: hostname }),
      timeout: networkMs,
      ...options,
    });
    const refuse = (code: string): void => {
      socket.destroy();
      resolve(fail(name, `the certificate is not accepted (${code})`, certificateRemedy(code)));
    };
    socket.once('secureConnect', () => {
      const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - nowMs) / dayMs);
      const text = `valid for ${days} more days, ${socket.getProtocol() ?? 'TLS'}`;
      socket.destroy();
      resolve(days >= certificateDaysLeast ? ok(name, text) : warn(name, text, 'Renew the certificate in time.'));
    });
    socket.once('timeout', () => refuse('timeout'));
    socket.once('error', (error) => refuse(codeOf(error)));
  });
}

/** By Node's name for what is wrong with the certificate. */
function certificateRemedy(code: string): string {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'Use a host name in url that the certificate holds, or have one issued for this name.';
    case 'CERT_HAS_EXPIRED':
      return 'Its time is over: renew the certificate.';
    case 'CERT_NOT_YET_VALID':
      return 'Set the clock of this machine, or have a certificate issued that is valid today.';
    default:
      return 'Put the certificate authority that signed it into tls.caFile, or renew the certificate.';
  }
}

/** The same trust and versions as the connector's. */
async function secureOptions({ caFile, allowOldVersions }: ServerConfig['tls']): Promise<SecureContextOptions> {
  return {
    ...(caFile !== undefined && { ca: [...rootCertificates, await readFile(caFile, 'utf8')] }),
    ...(allowOldVersions && { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  };
}

const services = {
  ews: { name: 'web services', place: 'the EWS virtual directory', path: '/EWS/Exchange.asmx' },
  exchange2007: { name: 'WebDAV', place: 'the Exchange virtual directory', path: '/exchange/' },
} as const;

/** Asked without credentials, the real thing demands them (or, without authentication, shows its WSDL). */
async function checkService(server: ServerConfig): Promise<Check> {
  const { name, place, path } = services[server.kind];
  const agent = new Agent({
    connect: await secureOptions(server.tls),
    headersTimeout: networkMs,
    bodyTimeout: networkMs,
  });
  const remedy = `Set url to the Exchange server’s own address of ${path}.`;
  try {
    const method = server.kind === 'ews' ? 'GET' : 'OPTIONS';
    const answer = await request(server.url, { method, dispatcher: agent });
    await answer.body.dump();
    const schemes = [answer.headers['www-authenticate'] ?? []].flat().map((one) => one.split(' ')[0] ?? '');
    // A sign-in form stands in the way, or its cookie has run out (440).
    if (server.signIn.kind === 'forms' && [200, 302, 440].includes(answer.statusCode)) return ok(name, 'answers');
    if (answer.statusCode !== 401) {
      const text = `HTTP ${answer.statusCode} instead of a demand to sign in`;
      return answer.statusCode < 300 ? warn(name, text, remedy) : fail(name, text, remedy);
    }
    const wanted = server.signIn.kind === 'basic' ? ['basic'] : ['ntlm', 'negotiate'];
    const offered = [...new Set(schemes)].join(', ');
    if (schemes.some((scheme) => wanted.includes(scheme.toLowerCase()))) return ok(name, `answers, offers ${offered}`);
    const change = `Set signIn.kind to what the server offers (${offered}), or allow ${wanted[0]} on ${place}.`;
    return fail(name, `sign-in by ${wanted[0]} is not offered`, change);
  } catch (error) {
    return fail(name, `no HTTP answer (${codeOf(error)})`, remedy);
  } finally {
    await agent.close();
  }
}
