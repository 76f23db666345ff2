/** One directory, from its server to what it knows about Exchange. */
import type { ActiveDirectory } from '#directory/active-directory/active-directory.ts';
import type { DirectoryConfig } from '../config-schema.ts';
import type { Directories } from '../directories.ts';
import { remedyOf } from '../remedies.ts';
import { type Environment, readSecret } from '../secret.ts';
import { type Check, fail, ok, warn } from './check.ts';

export async function checkDirectory(
  name: string,
  config: DirectoryConfig,
  directories: Directories,
  environment: Environment,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const way of ['ldap', 'autodiscover'] as const) {
    const settings = config[way];
    if (settings === undefined) continue;
    const password = await readSecret(settings.signIn.password, environment);
    const remedy = `Set it, or name another place under ${way}.signIn.password.`;
    if (!password.ok) checks.push(fail(`${way} password`, password.message, remedy));
  }
  const directory = directories.byLdap.get(name);
  if (directory !== undefined) checks.push(...(await checkLdap(directory, config)));
  return checks.map((check) => ({ ...check, name: `directory ${name}: ${check.name}` }));
}

async function checkLdap(directory: ActiveDirectory, config: DirectoryConfig): Promise<readonly Check[]> {
  const looked = await directory.look();
  if (!looked.ok) {
    const { fault } = looked;
    const source = fault.source === undefined ? '' : ` (${fault.source})`;
    return [fail('ldap', `${fault.message}${source}`, remedyFor(fault.code, remedyOf(fault)))];
  }
  const { url, root, servers } = looked.value;
  const user = config.ldap?.signIn.user ?? '';
  const checks = [ok('ldap', `${user} signed in at ${url}`)];
  if (root.isGlobalCatalog) checks.push(ok('users', 'looked for in the global catalog, in the whole forest'));
  else {
    const text = `looked for below ${root.defaultBase === '' ? 'the root' : root.defaultBase} only`;
    checks.push(ok('users', text));
  }
  if (servers > 0) checks.push(ok('Exchange servers', `${servers} are known`));
  else {
    const remedy = 'Let the account read the configuration partition; else autodiscover must tell where mailboxes are.';
    checks.push(warn('Exchange servers', 'none can be read', remedy));
  }
  if (config.autodiscover !== undefined) {
    const points = await directory.servicePoints();
    const text = points.ok ? points.value.join(', ') : points.fault.message;
    if (points.ok && points.value.length > 0) checks.push(ok('service connection points', text));
    else {
      const remedy =
        'Autodiscover then asks the hosts of the mail domain; name urls under autodiscover if it has none.';
      checks.push(warn('service connection points', text === '' ? 'none are published' : text, remedy));
    }
  }
  return checks;
}

/** The words of the general table are about Exchange servers. */
function remedyFor(code: string, general: string): string {
  switch (code) {
    case 'server.unreachable':
    case 'server.timeout':
      return 'Check ldap.urls or ldap.forest, DNS, and the firewalls between (ports 636 and 3269).';
    case 'server.tls':
      return 'Use ldaps://, and put the authority that signed the certificate into ldap.tls.caFile.';
    case 'authentication.rejected':
      return 'Check ldap.signIn.user and its password; write the user as user@domain.';
    default:
      return general;
  }
}
