/** A certificate authority for tests, and server certificates of it (RFC 5280), made afresh at every start. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Ports } from '#ports/ports.ts';
import { bits, boolean, integer, objectId, octets, sequence, set, tagged, utcTime, utf8 } from './der.ts';

export interface ServerCertificate {
  /** PEM of the server's key and certificate chain, for a TLS server. */
  readonly key: string;
  readonly cert: string;
  /** PEM of the authority, for clients to trust. */
  readonly ca: string;
  /** MD5 of the channel binding of connections to this server (RFC 5929 tls-server-end-point), as NTLM carries it. */
  readonly channelBinding: Uint8Array;
}

const yearMs = 365 * 86_400_000;
const ecdsaSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

/** A certificate for these host names and addresses, signed by an authority of its own. */
export function makeServerCertificate(hosts: readonly string[], ports: Ports): ServerCertificate {
  const nowMs = ports.clock.now();
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = name('Simulated Exchange test authority');
  const serial = () => integer(Buffer.concat([Buffer.of(1), ports.random.bytes(15)]));
  const basic = (isAuthority: boolean) =>
    extension('2.5.29.19', isAuthority ? sequence(boolean(true)) : sequence(), true);
  const ca = certificate({
    serial: serial(),
    issuer: authorityName,
    subject: authorityName,
    fromMs: nowMs - 86_400_000,
    untilMs: nowMs + 2 * yearMs,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extensions: [basic(true)],
  });
  const cert = certificate({
    serial: serial(),
    issuer: authorityName,
    subject: name(hosts[0] ?? 'localhost'),
    fromMs: nowMs - 86_400_000,
    untilMs: nowMs + yearMs,
    publicKey: server.publicKey,
    signer: authority.privateKey,
    extensions: [basic(false), extension('2.5.29.17', sequence(...hosts.map(alternativeName)), false)],
  });
  return {
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(cert) + pem(ca),
    ca: pem(ca),
    channelBinding: endPointBinding(cert),
  };
}

interface Content {
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(content: Content): Buffer {
  const version = tagged(0xa0, integer(Buffer.of(2)));
  const validity = sequence(utcTime(content.fromMs), utcTime(content.untilMs));
  const key = content.publicKey.export({ type: 'spki', format: 'der' });
  const extensions = tagged(0xa3, sequence(...content.extensions));
  const body = sequence(
    version,
    content.serial,
    ecdsaSha256,
    content.issuer,
    validity,
    content.subject,
    key,
    extensions,
  );
  return sequence(body, ecdsaSha256, bits(sign('sha256', body, content.signer)));
}

function name(common: string): Buffer {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(common))));
}

function extension(id: string, value: Buffer, isCritical: boolean): Buffer {
  return isCritical ? sequence(objectId(id), boolean(true), octets(value)) : sequence(objectId(id), octets(value));
}

/** An IPv4 address as such, anything else as a DNS name. */
function alternativeName(host: string): Buffer {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(host);
  return isAddress ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host, 'latin1'));
}

/** MD5 over the binding structure of RFC 4121 4.1.1.2, which NTLM takes over ([MS-NLMP] 2.2.2.1 MsvAvChannelBindings). */
function endPointBinding(certificateBytes: Buffer): Uint8Array {
  const hash = createHash('sha256').update(certificateBytes).digest();
  const data = Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), hash]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return new Uint8Array(createHash('md5').update(head).update(data).digest());
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
