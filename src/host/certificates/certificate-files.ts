/** The certificates of a folder, under the names that `liaison certs init` gives them. */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificates } from './make-certificates.ts';

/** PEM texts for one end of the connection. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export const certificateFiles = {
  authority: 'ca.pem',
  authorityKey: 'ca-key.pem',
  host: 'host.pem',
  hostKey: 'host-key.pem',
  engine: 'engine.pem',
  engineKey: 'engine-key.pem',
} as const;

/** A file of that name is there; nothing was written. */
export class FileThere extends Error {
  override readonly name = 'FileThere';
}

const keyMode = 0o600;
const certificateMode = 0o644;

/** Writes all six files or, when one is there already, none. Throws `FileThere` or the system's error. */
export async function writeCertificates(folder: string, certificates: Certificates): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { authority, host, engine } = certificates;
  const files = [
    [certificateFiles.authority, authority.cert, certificateMode],
    [certificateFiles.authorityKey, authority.key, keyMode],
    [certificateFiles.host, host.cert, certificateMode],
    [certificateFiles.hostKey, host.key, keyMode],
    [certificateFiles.engine, engine.cert, certificateMode],
    [certificateFiles.engineKey, engine.key, keyMode],
  ] as const;
  const written: string[] = [];
  try {
    for (const [name, text, mode] of files) {
      const path = join(folder, name);
      // Exclusive: two at the same time cannot mix their files.
      const file = await open(path, 'wx', mode);
      written.push(path);
      await file.writeFile(text);
      await file.close();
    }
    return written;
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    const { code, path = folder } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new FileThere(path);
    throw error;
  }
}

/** Throws the system's error when a file is not readable. */
export async function readTls(files: { readonly ca: string; readonly cert: string; readonly key: string }) {
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map((file) => readFile(file, 'utf8')));
  return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' } satisfies TlsMaterial;
}
