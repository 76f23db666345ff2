/** SMTP addresses behind legacy distinguished names, asked for once each; bounded. */

import { concernsAll } from './batch.ts';
import { buildResolveNames, readResolveNames } from './operations/resolve-names.ts';
import type { Trouble } from './transport/classify.ts';
import type { EwsSession } from './transport/session.ts';

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

  /** Asks for every name not known yet. Trouble ends it: an address must not seem to be missing. */
  async learn(legacyNames: Iterable<string>): Promise<Trouble | undefined> {
    for (const name of new Set(legacyNames)) {
      if (this.known(name) !== undefined) continue;
      const answer = await this.#session.call(buildResolveNames(name));
      if (!answer.ok) {
        if (concernsAll(answer.trouble)) return answer.trouble;
        this.#keep(name, '');
        continue;
      }
      const entry = readResolveNames(answer.element);
      // "No results" is an error in the answer: there is nobody by this name any more.
      this.#keep(name, entry.kind === 'value' ? (entry.value ?? '') : '');
    }
    return undefined;
  }

  #keep(name: string, address: string): void {
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size >= namesMax && oldest !== undefined) this.#addresses.delete(oldest);
    this.#addresses.set(name.toLowerCase(), address);
  }
}
