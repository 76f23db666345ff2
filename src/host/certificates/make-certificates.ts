/**
 * Certificates for engines and connector hosts (RFC 5280): an authority, and a host's and an engine's certificate of it. The
 * extended key usage keeps them apart: an engine's key cannot pose as a host, nor the other way round.
 */
import { isIP } from 'node:net';
import './reflect-metadata.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Ports } from '#ports/ports.ts';

/** A certificate and its key in PEM. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  readonly authority: CertificateAndKey;
  readonly host: CertificateAndKey;
  readonly engine: CertificateAndKey;
}

const dayMs = 86_400_000;
/** Ten years for the authority, two for what it signs. */
const authorityDays = 3_650;
const certificateDays = 730;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
type KeyPair = Awaited<ReturnType<typeof freshKeys>>;

/** `hosts`: the names and addresses engines will use to reach the connector hosts. */
export async function makeCertificates(hosts: readonly string[], ports: Ports): Promise<Certificates> {
  const now = ports.clock.now();
  const keys = await freshKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...issued('Liaison connector hosts', now, authorityDays, ports),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issuer = { certificate: authority, keys };
  const names = hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  const host = await signed('Liaison connector host', issuer, now, ports, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names),
  ]);
  const engine = await signed('Liaison engine', issuer, now, ports, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ]);
  return { authority: { cert: pemOf(authority), key: await keyPem(keys) }, host, engine };
}

async function signed(
  name: string,
  issuer: { readonly certificate: X509Certificate; readonly keys: KeyPair },
  now: number,
  ports: Ports,
  extensions: readonly Extension[],
): Promise<CertificateAndKey> {
  const keys = await freshKeys();
  const certificate = await X509CertificateGenerator.create({
    ...issued(name, now, certificateDays, ports),
    issuer: issuer.certificate.subject,
    signingKey: issuer.keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...extensions,
    ],
  });
  return { cert: pemOf(certificate), key: await keyPem(keys) };
}

/** A day of grace for clocks that are behind. */
function issued(name: string, now: number, days: number, ports: Ports) {
  const common = {
    serialNumber: `01${Buffer.from(ports.random.bytes(15)).toString('hex')}`,
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + days * dayMs),
  };
  return { ...common, name: `CN=${name}`, subject: `CN=${name}` };
}

async function freshKeys() {
  return await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`;
}

async function keyPem({ privateKey }: KeyPair): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
