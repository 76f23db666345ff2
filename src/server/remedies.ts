/** What an administrator does about each fault, one short sentence; the last column of `docs/faults.md`. */
import type { Fault, FaultCode } from '#contract/fault.ts';

const remedies: Readonly<Record<FaultCode, string>> = {
  'item.gone': 'Nothing needs to be done: Liaison looks again.',
  'item.conflict': 'Nothing needs to be done: Liaison looks again and merges.',
  'item.invalid': 'Correct the field; it is tried again as soon as the record changes.',
  'item.tooLarge': 'Shorten it, or raise the limit of the side that refused it.',
  'item.unsupported': 'Change the record, or leave it as it is.',
  'item.unreadable': 'Open it in Outlook, repair or delete it.',
  'item.denied': 'Grant the right to write this record.',
  'mailbox.notFound': 'Correct the user map: the mailbox is given by its primary SMTP address, the CRM user by login.',
  'mailbox.denied': 'Grant the account ApplicationImpersonation for the mailbox, or full access to it.',
  'mailbox.unavailable': 'Nothing needs to be done unless it lasts; then look at the server.',
  'mailbox.moved': 'Correct the server of the user in the user map; `liaison directory USER` tells where it is.',
  'mailbox.full': 'Make room in the mailbox.',
  'mailbox.folderGone': 'Restore the folder; its records are not taken for deleted.',
  'mailbox.cursorInvalid': 'Nothing needs to be done: Liaison lists everything anew.',
  'server.unreachable': 'Check the address, DNS and firewalls; `liaison doctor` finds where the way ends.',
  'server.timeout': 'Nothing needs to be done unless it lasts; then look at the load of the server.',
  'server.tls': 'Renew the certificate, or name its authority in tls.caFile; `liaison doctor` tells what is wrong.',
  'server.failure': 'Look at the log of the server.',
  'server.garbled': 'Look for a proxy between this machine and the server.',
  'server.notExchange': 'Set url to the Exchange server’s own address of /EWS/Exchange.asmx.',
  'server.version': 'Set requestVersion of this server lower.',
  'budget.exhausted': 'Raise the throttling policy, or lower sync.concurrency.',
  'authentication.rejected': 'Correct the user or password; `liaison doctor` tries it.',
  'authentication.impersonation': 'Grant the account the role ApplicationImpersonation.',
  'defect.request': 'Report it with the log.',
  'defect.internal': 'Report it with the log.',
};

export function remedyOf({ code }: Pick<Fault, 'code'>): string {
  return remedies[code];
}
