/** Reaches the mailbox once: its three folders, the store's version, the user's zone, the difference of the clocks. */
import type { Probe, Reply } from '#contract/connector.ts';
import { kinds } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import { dav } from './operations/property.ts';
import { buildPropfind } from './operations/propfind.ts';

export async function probeMailbox(mailbox: Mailbox): Promise<Reply<Probe>> {
  for (const kind of kinds) {
    const folder = await mailbox.folder(kind);
    if (!folder.ok) return { ok: false, fault: folder.trouble.fault };
    const answer = await mailbox.session.call(buildPropfind(folder.value.path, 'folder', [dav('visiblecount', 'int')]));
    if (!answer.ok) return { ok: false, fault: answer.trouble.fault };
  }
  const context = await mailbox.context();
  if (!context.ok) return { ok: false, fault: context.trouble.fault };
  const { storeVersion, clockOffsetMs } = mailbox.session;
  return {
    ok: true,
    value: {
      product: productOf(storeVersion),
      zone: context.value.mailboxZone,
      ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    },
  };
}

/** MS-WebStorage: `08.01.10240` is Exchange 2007 with its first service pack. */
function productOf(storeVersion: string | undefined): string {
  const parts = storeVersion?.split('.').map(Number) ?? [];
  return parts.length === 0 || parts.some(Number.isNaN) ? 'Exchange' : `Exchange ${parts.join('.')}`;
}
