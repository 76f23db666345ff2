/** Who is calling: Basic on every request, NTLM once per connection. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Ports } from '#ports/ports.ts';
import { connectionOf } from '../extended-methods.ts';
import type { Account, Directory } from './directory.ts';
import { type BindingRule, challengeMessage, ntlmMessageType, verifyAnswer } from './ntlm.ts';

export interface SignInOptions {
  readonly directory: Directory;
  readonly ports: Ports;
  /** What is offered, in the order of the WWW-Authenticate headers. */
  readonly offers: readonly ('Negotiate' | 'NTLM' | 'Basic')[];
  readonly hostName: string;
  readonly domain: string;
  /** Channel binding of a connection, when the server demands or checks it. */
  readonly bindingOf?: ((socket: Socket) => BindingRule | undefined) | undefined;
  /** Accounts behind bearer tokens. */
  readonly accountOfToken?: ((token: string) => Account | undefined) | undefined;
}

/** The outcome for one request; `challenges` are WWW-Authenticate values of the 401 to send. */
export type SignIn =
  | { readonly kind: 'signedIn'; readonly account: Account; readonly isFresh: boolean }
  | { readonly kind: 'refused'; readonly challenges: readonly string[] };

const fileTimeEpoch = 116_444_736_000_000_000n;

export class SignInDesk {
  readonly #options: SignInOptions;
  readonly #bySocket = new WeakMap<Socket, Account>();
  readonly #challenges = new WeakMap<Socket, Uint8Array>();

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  check(request: IncomingMessage): SignIn {
    const header = request.headers.authorization;
    const known = this.#bySocket.get(connectionOf(request));
    if (header === undefined) {
      return known === undefined ? this.#refusal() : { kind: 'signedIn', account: known, isFresh: false };
    }
    const [scheme = '', value = ''] = header.split(/\s+/, 2);
    switch (scheme.toLowerCase()) {
      case 'basic':
        return this.#basic(value);
      case 'ntlm':
      case 'negotiate':
        return this.#ntlm(connectionOf(request), scheme, value);
      case 'bearer': {
        const account = this.#options.accountOfToken?.(value);
        return account === undefined ? this.#refusal() : { kind: 'signedIn', account, isFresh: false };
      }
      default:
        return this.#refusal();
    }
  }

  /** WWW-Authenticate values of a plain refusal. */
  get offers(): readonly string[] {
    const { offers, hostName } = this.#options;
    return offers.map((one) => (one === 'Basic' ? `Basic realm="${hostName}"` : one));
  }

  #basic(value: string): SignIn {
    if (!this.#options.offers.includes('Basic')) return this.#refusal();
    const text = Buffer.from(value, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const account = this.#options.directory.find(text.slice(0, Math.max(colon, 0)));
    if (account === undefined || account.password !== text.slice(colon + 1)) return this.#refusal();
    return { kind: 'signedIn', account, isFresh: false };
  }

  #ntlm(socket: Socket, scheme: string, value: string): SignIn {
    const token = Buffer.from(value, 'base64');
    switch (ntlmMessageType(token)) {
      case 1: {
        const challenge = this.#options.ports.random.bytes(8);
        this.#challenges.set(socket, challenge);
        const fileTime = BigInt(Math.trunc(this.#options.ports.clock.now())) * 10_000n + fileTimeEpoch;
        const message = challengeMessage(challenge, this.#options.domain, this.#options.hostName, fileTime);
        const others = this.#options.offers.filter((one) => one !== scheme && one === 'Negotiate');
        return { kind: 'refused', challenges: [`${scheme} ${message.toString('base64')}`, ...others] };
      }
      case 3: {
        const challenge = this.#challenges.get(socket);
        this.#challenges.delete(socket);
        if (challenge === undefined) return this.#refusal();
        const binding = this.#options.bindingOf?.(socket);
        const account = verifyAnswer(token, challenge, this.#options.directory, binding);
        if (account === undefined) return this.#refusal();
        this.#bySocket.set(socket, account);
        return { kind: 'signedIn', account, isFresh: true };
      }
      default:
        return this.#refusal();
    }
  }

  #refusal(): SignIn {
    return { kind: 'refused', challenges: this.offers };
  }
}
