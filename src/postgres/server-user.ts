/** The account the embedded server runs as: PostgreSQL refuses to run as root. */
import { readFile } from 'node:fs/promises';

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Accounts without rights, in order of preference. */
const candidates = ['postgres', '_postgres', 'nobody'];

/** Null: we are not root, so the server runs as ourselves. Throws when root has no unprivileged account to use. */
export async function serverUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const users = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  for (const name of candidates) {
    const user = users.get(name);
    if (user !== undefined && user.uid > 0) return user;
  }
  throw new Error(`PostgreSQL does not run as root and none of ${candidates.join(', ')} is in /etc/passwd.`);
}

/** Lines of passwd(5): name, password, uid, gid, and more, separated by colons. */
export function parsePasswd(text: string): ReadonlyMap<string, ServerUser> {
  const users = new Map<string, ServerUser>();
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || name === '' || uid === undefined || gid === undefined) continue;
    // macOS writes nobody as -2; the system calls want it unsigned.
    users.set(name, { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 });
  }
  return users;
}
