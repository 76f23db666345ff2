/** A connector in another language passes the same suite: the protocol file and its page are enough to write one. */
import { spawnSync } from 'node:child_process';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Connector } from '#contract/connector.ts';
import { connectorConformance } from '#testing/connector-conformance.ts';
import { engineFor, hostFor } from '#testing/connector-hosts.ts';

/** Debian's own, where its packages are. */
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('../../testing/python-connector/memory_connector.py', import.meta.url));
const protocol = fileURLToPath(new URL('./proto/liaison-connector.proto', import.meta.url));

const probe = spawnSync(python, ['-c', 'import grpc, google.protobuf'], { encoding: 'utf8' });

if (probe.status !== 0) {
  const reason = `python3-grpcio or python3-protobuf is not installed (${probe.error?.message ?? 'no such module'})`;
  test('connector in Python in a process of a host', { skip: `not run: ${reason}` }, () => {});
} else {
  await suite();
}

async function suite(): Promise<void> {
  const host = await hostFor(undefined, { programs: { memory: [python, script, protocol] } });
  const engine = await engineFor(undefined, [host]);
  after(async () => {
    await engine.close();
    await host.close();
  });
  let mailboxes = 0;
  const opened = async (t: TestContext, mailbox: string): Promise<Connector> => {
    const settings = { mailbox };
    const user = `main/${mailbox}`;
    const reply = await engine.open({ connectorKind: 'memory', settings, server: 'main', user, visit: 'ongoing' });
    if (!reply.ok) throw new Error(JSON.stringify(reply.fault));
    t.after(() => reply.value.close());
    return reply.value;
  };
  connectorConformance('connector in Python in a process of a host', {
    async open(t) {
      mailboxes += 1;
      const mailbox = `user${mailboxes}@example.test`;
      return { connector: await opened(t, mailbox), other: await opened(t, mailbox) };
    },
  });
}
