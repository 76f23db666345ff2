/** The connector hosts: reachable, trusted, of the same protocol, with room. */
import type { Config } from '../config-schema.ts';
import type { ConnectorHosts } from '../connector-hosts.ts';
import { hostStates } from '../host-states.ts';
import { type Check, fail, ok, warn } from './check.ts';

const shareFull = 0.9;

/** Nothing when the configuration names none. */
export async function checkHosts({ hosts: { machines } }: Config, hosts: ConnectorHosts): Promise<readonly Check[]> {
  if (Object.keys(machines).length === 0) return [];
  const reply = await hostStates(hosts);
  if (!reply.ok) {
    const text = `${reply.fault.message} (${reply.fault.source})`;
    return [fail('connector hosts', text, 'Make them with liaison certs init, or name the files under hosts.')];
  }
  return reply.value.map(({ name: host, report }) => {
    const name = `connector host ${host}`;
    if (!report.ok) {
      const { message, source, code } = report.fault;
      return fail(name, `${message} (${source ?? code})`, remedies[code] ?? 'Look at the log of that host.');
    }
    const { product, processes, usersMax, processesMax, draining } = report.value;
    const users = processes.reduce((sum, process) => sum + process.users, 0);
    const text = `${product}, ${users} users in ${processes.length} processes`;
    if (draining) return warn(name, `${text}, ending`, 'Start it again, unless it is to go.');
    if (users < usersMax * processesMax * shareFull) return ok(name, text);
    return warn(
      name,
      `${text}, room for ${usersMax * processesMax}`,
      'Raise --processes or --users there, or add a host.',
    );
  });
}

const remedies: Readonly<Record<string, string>> = {
  'server.unreachable': 'Check hosts.machines, that liaison connector-host runs there, and the firewalls between.',
  'server.tls':
    'Both need certificates of one authority: its host.pem must hold the name in address; see liaison certs init.',
  'server.version': 'Install the same version of Liaison on both machines.',
  'server.garbled': 'Something else listens at this address; check the port.',
};
