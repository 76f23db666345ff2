/** The connector over real sockets against the simulated Exchange 2007, once per way of signing in. */
import { systemPorts } from '#ports/system-ports.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { connectorConformance } from '#testing/connector-conformance.ts';
import { withPlainNames } from '#testing/sayable-items.ts';
import { openExchange2007Connector } from './connector.ts';

for (const signIn of ['basic', 'ntlm'] as const) {
  connectorConformance(`WebDAV connector on the simulated Exchange 2007 with ${signIn} sign-in`, {
    sayable: withPlainNames,
    async open(t) {
      const exchange = await startExchange({
        estate: {
          version: '2007sp3',
          mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1', timeZone: 'W. Europe Standard Time' }],
          serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
        },
      });
      const open = () =>
        openExchange2007Connector(
          {
            endpoint: `${exchange.origin}/exchange/`,
            mailbox: 'alice@example.test',
            credentials: { kind: signIn, user: 'svc@example.test', password: 'svc-pw1' },
            linkKeyName: 'liaison-link',
            mailboxZone: 'Europe/Berlin',
          },
          systemPorts(),
        );
      const user = { connector: open(), other: open() };
      t.after(async () => {
        await user.connector.close();
        await user.other.close();
        await exchange.close();
      });
      return user;
    },
  });
}
