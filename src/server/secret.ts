/** Looks up a secret where the configuration says it is. */
import { readFile } from 'node:fs/promises';
import type { Secret } from './config-schema.ts';

export type SecretReply =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Line ends at the end of a file are not part of the secret. The message never holds the secret. */
export async function readSecret(secret: Secret, environment: Environment): Promise<SecretReply> {
  if ('env' in secret) {
    const value = environment[secret.env];
    if (value !== undefined && value !== '') return { ok: true, value };
    return { ok: false, message: `the environment variable ${secret.env} is not set` };
  }
  try {
    const value = (await readFile(secret.file, 'utf8')).replace(/[\r\n]+$/, '');
    return value === '' ? { ok: false, message: `the file ${secret.file} is empty` } : { ok: true, value };
  } catch (error) {
    return { ok: false, message: `the file ${secret.file} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
