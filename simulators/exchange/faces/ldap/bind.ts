/** Simple binds, with the names and the refusals that Active Directory has. */
import type { Account, Directory } from '../../sign-in/directory.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { normalDn } from './dn.ts';
import { resultCodes } from './result-codes.ts';
import type { Viewpoint } from './search.ts';

export interface BindOutcome {
  readonly code: number;
  readonly text: string;
  /** Undefined after an anonymous bind, and after a refused one. */
  readonly account: Account | undefined;
}

interface BindServices {
  readonly view: Viewpoint;
  readonly directory: Directory;
  readonly settings: DirectorySettings;
}

const refusal = (code: number, text: string): BindOutcome => ({ code, text, account: undefined });

/** `data 52e` is a wrong name or password, `533` a disabled account. */
const denied = (data: string): BindOutcome =>
  refusal(
    resultCodes.invalidCredentials,
    `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v2580`,
  );

/** Takes a name as DN, `user@domain`, `DOMAIN\user` or plain. A password of `undefined` means another mechanism. */
export function bind(
  { name, password }: { readonly name: string; readonly password: string | undefined },
  isSecure: boolean,
  services: BindServices,
): BindOutcome {
  if (password === undefined) return refusal(resultCodes.authMethodNotSupported, 'only simple binds');
  if (password === '') return refusal(resultCodes.success, '');
  if (services.settings.requiresSigning && !isSecure) {
    return refusal(
      resultCodes.strongerAuthRequired,
      '00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection, data 0, v2580',
    );
  }
  const normal = name.includes('=') ? normalDn(name) : undefined;
  const entry = normal === undefined ? undefined : services.view.tree.find(normal, services.view.tree.contexts);
  const principal = normal === undefined ? name : String(entry?.attributes.get('userprincipalname')?.values[0] ?? '');
  const account = principal === '' ? undefined : services.directory.find(principal);
  if (account === undefined || account.password !== password) return denied('52e');
  if (isDisabled(account, services)) return denied('533');
  return { code: resultCodes.success, text: '', account };
}

/** Bit 2 of userAccountControl. */
function isDisabled(account: Account, { view }: BindServices): boolean {
  const name = account.userName.toLowerCase();
  for (const context of view.tree.contexts) {
    if (context.kind !== 'domain') continue;
    for (const entry of view.tree.entriesOf(context)) {
      if (String(entry.attributes.get('userprincipalname')?.values[0] ?? '').toLowerCase() !== name) continue;
      return (Number(entry.attributes.get('useraccountcontrol')?.values[0] ?? 0) & 2) !== 0;
    }
  }
  return false;
}
