/** Reaches the mailbox once: its three folders, the server's build, the user's zone, the difference of the clocks. */
import type { Probe, Reply } from '#contract/connector.ts';
import type { Mailbox } from './mailbox.ts';
import { buildGetFolder, readGetFolder } from './operations/get-folder.ts';
import { ofFolder } from './single.ts';
import { classify } from './transport/classify.ts';

export async function probeMailbox(mailbox: Mailbox): Promise<Reply<Probe>> {
  const folders = ['contacts', 'calendar', 'tasks'] as const;
  const answer = await mailbox.session.call(buildGetFolder(folders, mailbox.owner));
  if (!answer.ok) return { ok: false, fault: answer.trouble.fault };
  for (const entry of readGetFolder(answer.element, folders.length)) {
    if (entry.kind === 'value') continue;
    return { ok: false, fault: ofFolder(classify(entry, mailbox.now())).fault };
  }
  const zone = await mailbox.zone();
  if (!zone.ok) return { ok: false, fault: zone.trouble.fault };
  const { build, clockOffsetMs } = mailbox.session;
  const product =
    build === undefined ? 'Exchange' : `Exchange ${build.major}.${build.minor}.${build.build}.${build.revision}`;
  return { ok: true, value: { product, zone: zone.value, ...(clockOffsetMs !== undefined && { clockOffsetMs }) } };
}
