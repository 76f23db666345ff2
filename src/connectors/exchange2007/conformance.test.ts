/** The connector against an imitation of Exchange 2007, as it is and with the habits that change the connector's ways. */
import { systemPorts } from '#ports/system-ports.ts';
import { connectorConformance } from '#testing/connector-conformance.ts';
import {
  type DavTraits,
  davAddress,
  davPassword,
  davUser,
  startDavExchange,
} from '#testing/dav-exchange/start-dav-exchange.ts';
import { withoutOccurrenceTexts, withPlainNames } from '#testing/sayable-items.ts';
import { openExchange2007Connector } from './connector.ts';

const variants: readonly (readonly [string, DavTraits])[] = [
  ['Exchange 2007', {}],
  [
    'Exchange 2007 behind a filter, without tags and with other addresses',
    { blocksBatches: true, hidesTags: true, odderAddresses: true },
  ],
];

for (const [name, traits] of variants) {
  connectorConformance(`WebDAV connector on an imitated ${name}`, {
    roundTrips: 120,
    // The imitation does not look into rules, so it shows no occurrences whose texts could be changed.
    sayable: (item) => withoutOccurrenceTexts(withPlainNames(item)),
    async open(t) {
      const exchange = await startDavExchange(traits);
      const open = () =>
        openExchange2007Connector(
          {
            endpoint: exchange.url,
            mailbox: davAddress,
            credentials: { kind: 'basic', user: davUser, password: davPassword },
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
