/** `liaison directory USER`: where a mailbox is, and how that was found out. */
import type { Command } from 'commander';
import type { MailboxLocation } from '#contract/location.ts';
import type { Discovery } from '#server/locator.ts';
import { remedyOf } from '#server/remedies.ts';
import type { LocationRow } from '#store/port.ts';
import { baseCommand, type CommonOptions, complain, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { isMailboxAddress } from '../users/user-file.ts';

export function directoryCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('directory', 'where a mailbox is, by the directories of the configuration; nothing is stored')
    .argument('<user>', 'mailbox or CRM login of the user map, or any mail address')
    .action(async (user: string, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async ({ store, locator, config }) => {
          const pair = (await store.findPair(user))?.pair;
          const address = pair?.mailbox ?? user;
          if (!isMailboxAddress(address)) {
            complain(console, `${user} is neither in the user map nor a mail address`);
            return exitCode.usage;
          }
          if (Object.keys(config.directories).length === 0) {
            complain(console, 'the configuration names no directories');
            return exitCode.usage;
          }
          const kept = pair === undefined ? undefined : await store.location(pair.pairId);
          const discovery = await locator.discover(address);
          if (options.json) console.out(JSON.stringify({ address, ...discovery, kept: kept ?? null }));
          else console.out(discoveryText(address, discovery, kept));
          return discovery.match?.kind === 'server' ? exitCode.ok : exitCode.failed;
        }),
      );
    });
}

/** What was found, then the way there, then what is kept. */
function discoveryText(address: string, { location, match, trail }: Discovery, kept: LocationRow | undefined): string {
  const lines = [address];
  if (location.ok) lines.push(...locationLines(location.value));
  else lines.push(`  not found: ${location.fault.message} (${location.fault.code}) ${remedyOf(location.fault)}`);
  if (match?.kind === 'server') lines.push(`  served by    ${match.name}, because ${match.because}`);
  else if (match !== undefined) lines.push(`  served by    nobody: ${match.message}`);
  lines.push('  how:', ...trail.map((step) => `    ${step}`));
  if (kept !== undefined) {
    const { server, urls, at } = kept.location;
    const doubt = kept.isDoubted ? ', in doubt' : '';
    lines.push(`  kept: ${server ?? urls[0] ?? kept.location.protocols.join(', ')}, found ${at}${doubt}`);
  }
  return lines.join('\n');
}

function locationLines(location: MailboxLocation): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['server', location.server],
    ['version', location.version],
    ['reached by', location.protocols.join(', ')],
    ['web services', location.urls.join(', ')],
    ['address', location.smtp],
    ['legacy name', location.legacyDn],
    ['mailbox guid', location.mailboxGuid],
    ['told by', `${location.directory} (${location.source})`],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`  ${name.padEnd(12)} ${value}`],
  );
}
