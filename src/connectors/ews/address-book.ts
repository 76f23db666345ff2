/** SMTP addresses behind legacy distinguished names, asked for once each; bounded. */

import { concernsAll } from './batch.ts';
import { buildResolveNames, readResolveNames } from './operations/resolve-names.ts';
import { classify, type Trouble } from './transport/classify.ts';
import type { EwsSession } from './transport/session.ts';

/** ErrorNameResolutionNoResults, ErrorNameResolutionNoMailbox. */
const noSuchName = /^ErrorNameResolutionNo/;

/** Names kept; beyond, the oldest is forgotten. */
const namesMax = 5000;

export class AddressBook {
  readonly #session: EwsSession;
  readonly #addresses = new Map<string, string>();

  constructor(session: EwsSession) {
    this.#session = session;
  }

  /** The address; '' when the name has none; undefined when it was not asked for yet. */
  known(legacyName: string): string | undefined {
    return this.#addresses.get(legacyName.toLowerCase());
  }

  /**
   * Asks for every name not known yet. Trouble of the mailbox or server ends it; a name the server fails on stays unknown.
   * Only a server that says there is nobody by a name may make an address disappear.
   */
  async learn(legacyNames: Iterable<string>, now: () => number): Promise<Trouble | undefined> {
    for (const name of new Set(legacyNames)) {
      if (this.known(name) !== undefined) continue;
      const answer = await this.#session.call(buildResolveNames(name));
      const entry = answer.ok ? readResolveNames(answer.element) : undefined;
      if (entry?.kind === 'value') this.#keep(name, entry.value ?? '');
      else if (entry?.kind === 'response' && noSuchName.test(entry.code)) this.#keep(name, '');
      else {
        const trouble = answer.ok ? entry && classify(entry, now()) : answer.trouble;
        if (trouble !== undefined && concernsAll(trouble)) return trouble;
      }
    }
    return undefined;
  }

  #keep(name: string, address: string): void {
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size >= namesMax && oldest !== undefined) this.#addresses.delete(oldest);
    this.#addresses.set(name.toLowerCase(), address);
  }
}
