/** `liaison users discover`: rows of the user map for the employees of the CRM whose mailboxes the directories know. */
import type { Command } from 'commander';
import pLimit from 'p-limit';
import { autoServer } from '#server/config-schema.ts';
import type { Liaison } from '#server/liaison.ts';
import { baseCommand, type CommonOptions, complain, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { table } from '../table.ts';
import { putUsers } from '../users/put-users.ts';
import type { User } from '../users/user-file.ts';

interface DiscoverOptions extends CommonOptions {
  readonly write: boolean;
}

interface Employee {
  readonly login: string;
  readonly email: string;
}

/** An employee with what the directories say. */
interface Finding {
  readonly employee: Employee;
  readonly mailbox?: string;
  /** The configured server that reaches the mailbox now. */
  readonly server?: string;
  readonly problem?: string;
}

const employeesPerPage = 500;
const searchesAtOnce = 4;

export function discoverCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('discover', 'find the mailboxes of the CRM’s employees in the directories')
    .option('--write', 'add those found to the user map, with the server auto', false)
    .action(async (options: DiscoverOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          if (Object.keys(liaison.config.directories).length === 0) {
            complain(console, 'the configuration names no directories');
            return exitCode.usage;
          }
          const findings = await findAll(liaison);
          const users = await newUsers(liaison, findings);
          const done = options.write ? await putUsers(liaison.store, users, ports.random, true) : undefined;
          if (options.json) console.out(JSON.stringify({ findings, added: done?.added ?? 0 }));
          else console.out(findingsText(findings, users));
          for (const { message } of done?.refused ?? []) complain(console, message);
          if (!options.json && done === undefined && users.length > 0) console.out('Add them with --write.');
          if (!options.json && done !== undefined) console.out(`${done.added} added`);
          return findings.some(({ problem }) => problem !== undefined) ? exitCode.failed : exitCode.ok;
        }),
      );
    });
}

async function findAll(liaison: Liaison): Promise<readonly Finding[]> {
  const slots = pLimit(searchesAtOnce);
  const findings: Finding[] = [];
  let after = '';
  for (;;) {
    const page = await liaison.crm.query<Employee>(
      'employees.withEmail',
      `select login, email from crm.employee
        where email is not null and email like '%_@_%' and login > $1 order by login limit $2`,
      [after, employeesPerPage],
    );
    findings.push(...(await Promise.all(page.map((employee) => slots(() => findOne(liaison, employee))))));
    const last = page.at(-1);
    if (last === undefined || page.length < employeesPerPage) return findings;
    after = last.login;
  }
}

async function findOne({ locator }: Liaison, employee: Employee): Promise<Finding> {
  const { location, match } = await locator.discover(employee.email.trim().toLowerCase());
  if (!location.ok) return { employee, problem: location.fault.message };
  const mailbox = location.value.smtp;
  if (match?.kind !== 'server') return { employee, mailbox, problem: match?.message ?? 'no server reaches it' };
  return { employee, mailbox, server: match.name };
}

/** Who is not in the user map yet. Whoever is keeps what an administrator chose. */
async function newUsers(liaison: Liaison, findings: readonly Finding[]): Promise<readonly User[]> {
  const users: User[] = [];
  const taken = new Set<string>();
  for (const { employee, mailbox, server } of findings) {
    if (mailbox === undefined || server === undefined || taken.has(mailbox)) continue;
    taken.add(mailbox);
    const known = (await liaison.store.findPair(mailbox)) ?? (await liaison.store.findPair(employee.login));
    if (known !== undefined) continue;
    const { levels } = liaison.config.sync;
    users.push({ crmUser: employee.login, mailbox, enabled: true, server: autoServer, levels });
  }
  return users;
}

function findingsText(findings: readonly Finding[], users: readonly User[]): string {
  if (findings.length === 0) return 'No employee of the CRM has a mail address.';
  const fresh = new Set(users.map(({ crmUser }) => crmUser));
  const rows = findings.map(({ employee, mailbox, server, problem }) => [
    employee.login,
    mailbox ?? employee.email,
    server ?? '',
    problem ?? (fresh.has(employee.login) ? 'new' : 'in the user map'),
  ]);
  return table(
    ['CRM login', 'mailbox', 'server', ''].map((title) => ({ title })),
    rows,
  );
}
