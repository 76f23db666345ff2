/** The EWS connector in a process of a host is held to the same sentences as in the engine's own process. */
import { after, type TestContext } from 'node:test';
import type { Connector } from '#contract/connector.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { connectorConformance } from '#testing/connector-conformance.ts';
import { engineFor, hostFor } from '#testing/connector-hosts.ts';

const host = await hostFor(undefined);
const engine = await engineFor(undefined, [host]);
after(async () => {
  await engine.close();
  await host.close();
});

let users = 0;

async function opened(t: TestContext, endpoint: string, user: string): Promise<Connector> {
  const reply = await engine.open({
    connectorKind: 'ews',
    settings: {
      endpoint,
      mailbox: 'alice@example.test',
      credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
      impersonate: true,
      linkKeyName: 'liaison-link',
    },
    server: 'main',
    user,
    visit: 'ongoing',
  });
  if (!reply.ok) throw new Error(JSON.stringify(reply.fault));
  t.after(() => reply.value.close());
  return reply.value;
}

connectorConformance('EWS connector in a process of a host', {
  async open(t) {
    const exchange = await startExchange({
      validateResponses: true,
      estate: {
        version: 'se',
        mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1', timeZone: 'W. Europe Standard Time' }],
        serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
      },
    });
    t.after(() => exchange.close());
    users += 1;
    const user = {
      connector: await opened(t, exchange.url, `alice ${users}`),
      other: await opened(t, exchange.url, `other ${users}`),
    };
    return user;
  },
});
