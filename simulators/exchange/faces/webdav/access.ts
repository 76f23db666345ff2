/** What an account may do in a mailbox: everything in its own or with full access, else what its owner gave it per folder. */
import type { Account, Directory } from '../../sign-in/directory.ts';
import { type Delegate, type Intent, permits } from '../../truth/delegates.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import type { Truth } from '../../truth/truth.ts';

export interface Access {
  /** Anything at all in this mailbox. */
  readonly isSome: boolean;
  may(folder: Folder, intent: Intent): boolean;
}

const full: Access = { isSome: true, may: () => true };
const none: Access = { isSome: false, may: () => false };

export function accessTo(mailbox: Mailbox | undefined, account: Account, directory: Directory, truth: Truth): Access {
  if (mailbox === undefined) return none;
  if (directory.mayImpersonate(account, mailbox.address)) return full;
  const delegate = account.address === undefined ? undefined : truth.delegations.find(mailbox.address, account.address);
  return delegate === undefined ? none : delegated(delegate);
}

/** The hidden half of a mailbox names its well-known folders to everybody who may see one of them. */
function delegated(delegate: Delegate): Access {
  return {
    isSome: true,
    may: (folder, intent) => permits(delegate, folder, intent) || (intent === 'read' && folder.wellKnown === 'root'),
  };
}
