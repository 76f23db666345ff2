/** OAuth 2.0 for tests (RFC 6749): a token endpoint that knows the estate's accounts, and the tokens it gave. */
import type { Ports } from '#ports/ports.ts';
import type { Account, Directory } from './directory.ts';

/** Tokens are good for this long unless the estate says otherwise. */
const lifeMsDefault = 3_600_000;

export interface TokenAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class TokenDesk {
  readonly #directory: Directory;
  readonly #ports: Ports;
  readonly #lifeMs: number;
  readonly #tokens = new Map<string, { readonly account: Account; readonly untilMs: number }>();

  constructor(directory: Directory, ports: Ports, lifeMs = lifeMsDefault) {
    this.#directory = directory;
    this.#ports = ports;
    this.#lifeMs = lifeMs;
  }

  /** Answers a token request: client credentials (account name and password) or resource owner password. */
  issue(form: URLSearchParams): TokenAnswer {
    const grant = form.get('grant_type');
    const isClient = grant === 'client_credentials';
    if (!isClient && grant !== 'password') return { status: 400, body: { error: 'unsupported_grant_type' } };
    const name = form.get(isClient ? 'client_id' : 'username') ?? '';
    const secret = form.get(isClient ? 'client_secret' : 'password') ?? '';
    const account = this.#directory.find(name);
    if (account === undefined || account.password !== secret) {
      return { status: 401, body: { error: isClient ? 'invalid_client' : 'invalid_grant' } };
    }
    const token = Buffer.from(this.#ports.random.bytes(32)).toString('base64url');
    this.#tokens.set(token, { account, untilMs: this.#ports.clock.now() + this.#lifeMs });
    const expires = Math.floor(this.#lifeMs / 1000);
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: expires, ext_expires_in: expires, access_token: token },
    };
  }

  /** The account behind a token that has not expired. */
  accountOf(token: string): Account | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined) return undefined;
    if (this.#ports.clock.now() < known.untilMs) return known.account;
    this.#tokens.delete(token);
    return undefined;
  }

  /** All tokens become worthless at once. */
  revokeAll(): void {
    this.#tokens.clear();
  }
}
