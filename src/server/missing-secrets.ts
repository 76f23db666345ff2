/** Which secrets the servers and directories need and are not there, in sentences; empty when all are. */
import type { Config } from './config-schema.ts';
import { type Environment, readSecret } from './secret.ts';

export async function missingSecrets(config: Config, environment: Environment): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, server] of Object.entries(config.servers)) {
    const reply = await readSecret(server.signIn.password, environment);
    if (!reply.ok) missing.push(`servers.${name}.signIn.password: ${reply.message}`);
  }
  for (const [name, directory] of Object.entries(config.directories)) {
    for (const way of ['ldap', 'autodiscover'] as const) {
      const reply = directory[way] && (await readSecret(directory[way].signIn.password, environment));
      if (reply?.ok === false) missing.push(`directories.${name}.${way}.signIn.password: ${reply.message}`);
    }
  }
  return missing;
}
