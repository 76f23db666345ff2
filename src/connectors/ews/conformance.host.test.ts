/** The connector over real sockets against the simulated Exchange, once per build and way of signing in that differ. */

import { systemPorts } from '#ports/system-ports.ts';
import type { ProfileId } from '#simulators/exchange/faces/ews/profiles.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { connectorConformance } from '#testing/connector-conformance.ts';
import { openEwsConnector } from './connector.ts';

const variants: readonly { readonly version: ProfileId; readonly signIn: 'basic' | 'ntlm' }[] = [
  { version: 'se', signIn: 'basic' },
  { version: 'se', signIn: 'ntlm' },
  { version: '2010sp3', signIn: 'basic' },
];

for (const { version, signIn } of variants) {
  connectorConformance(`EWS connector on the simulated Exchange ${version} with ${signIn} sign-in`, {
    async open(t) {
      const exchange = await startExchange({
        validateResponses: true,
        estate: {
          version,
          mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1', timeZone: 'W. Europe Standard Time' }],
          serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
        },
      });
      const open = () =>
        openEwsConnector(
          {
            endpoint: exchange.url,
            mailbox: 'alice@example.test',
            credentials: { kind: signIn, user: 'svc@example.test', password: 'svc-pw1' },
            impersonate: true,
            linkKeyName: 'liaison-link',
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
