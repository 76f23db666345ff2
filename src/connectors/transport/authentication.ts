/**
 * Signing in. Basic sends its header with every request (saves the refusal). NTLM signs in the connection: the first message
 * goes with an empty body, the third with the request itself on the same socket, and later requests carry nothing. Both
 * answer what the server finally said; deciding about a 401 is the session's business.
 */
import { X509Certificate } from 'node:crypto';
import type { Ports } from '#ports/ports.ts';
import type { HeaderList, HttpAnswer, HttpChannel, HttpRequest, HttpResult, PinnedChannel } from './http.ts';
import { authenticateMessage, channelBinding, type NtlmAccount, negotiateMessage, readChallenge } from './ntlm.ts';

export interface Account {
  /** `DOMAIN\user` or a user principal name. */
  readonly user: string;
  readonly password: string;
}

/** A channel whose requests are signed in. */
export interface SignedInChannel {
  /** Never rejects. */
  send(request: HttpRequest): Promise<HttpResult>;
  /** Forgets what was agreed, so that the next request signs in anew. */
  reset(): void;
}

/** RFC 7617, user and password in UTF-8. */
export function basicChannel(channel: HttpChannel, credentials: Account): SignedInChannel {
  const token = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
  const authorization = ['authorization', `Basic ${token}`];
  return {
    send: (request) => channel.send(withHeaders(request, authorization)),
    reset: () => {},
  };
}

function withHeaders(request: HttpRequest, more: HeaderList): HttpRequest {
  return { ...request, headers: [...request.headers, ...more] };
}

/**
 * The first message goes without a body. What acts without one (DELETE, MOVE) must not go before the server knows who asks,
 * so another method stands for it.
 */
function firstLeg(request: HttpRequest): HttpRequest {
  return request.body === '' ? { ...request, method: 'GET' } : { ...request, body: '' };
}

type Scheme = 'NTLM' | 'Negotiate';

/** A connection that dies within a handshake is given this many tries before it counts as an answer. */
const handshakesMax = 3;

/** NTLMv2 over one pinned connection; requests go one after another. */
export class NtlmChannel implements SignedInChannel {
  readonly #channel: PinnedChannel;
  readonly #account: NtlmAccount;
  readonly #service: string;
  readonly #ports: Ports;
  /** The connection that is signed in; undefined: none. */
  #signedIn: number | undefined;
  #scheme: Scheme = 'NTLM';
  #last: Promise<unknown> = Promise.resolve();

  constructor(channel: PinnedChannel, credentials: Account, server: URL, ports: Ports) {
    this.#channel = channel;
    this.#account = accountOf(credentials);
    this.#service = `HTTP/${server.hostname}`;
    this.#ports = ports;
  }

  send(request: HttpRequest): Promise<HttpResult> {
    const turn = this.#last.then(() => this.#send(request));
    this.#last = turn;
    return turn;
  }

  reset(): void {
    this.#signedIn = undefined;
  }

  async #send(request: HttpRequest): Promise<HttpResult> {
    if (this.#signedIn !== undefined && this.#signedIn === this.#channel.connection) {
      const result = await this.#channel.send(request);
      if (result.kind !== 'answer' || result.status !== 401) return result;
      // The server forgot the connection; a refusal for lack of sign-in had no effect, so the request may go again.
    }
    for (let handshake = 1; ; handshake += 1) {
      const result = await this.#handshake(request);
      if (result !== 'connectionLost') return result;
      if (handshake === handshakesMax)
        return { kind: 'failure', reason: 'connect', sent: false, source: 'NTLM connection lost' };
    }
  }

  async #handshake(request: HttpRequest): Promise<HttpResult | 'connectionLost'> {
    this.#signedIn = undefined;
    const negotiate = negotiateMessage();
    const first = await this.#channel.send(withHeaders(firstLeg(request), this.#authorization(negotiate)));
    if (first.kind === 'failure') return { ...first, sent: false };
    if (first.status !== 401) return notAChallenge(first);
    const challenge = readChallenge(Buffer.from(tokenOf(first, this.#scheme) ?? '', 'base64'));
    if (challenge === undefined) {
      if (this.#scheme === 'NTLM' && !offers(first, 'NTLM') && offers(first, 'Negotiate')) {
        this.#scheme = 'Negotiate';
        return 'connectionLost';
      }
      return first;
    }
    const connection = this.#channel.connection;
    const message = authenticateMessage(negotiate, challenge, this.#account, {
      clientChallenge: this.#ports.random.bytes(8),
      now: this.#ports.clock.now(),
      service: this.#service,
      binding: bindingOf(this.#channel.serverCertificate),
    });
    const last = await this.#channel.send(withHeaders(request, this.#authorization(message)));
    if (last.kind === 'failure') return last;
    // On another socket the third message means nothing: not the password was refused, the connection was lost.
    if (last.status === 401 && this.#channel.connection !== connection) return 'connectionLost';
    if (last.status !== 401 && last.headers['persistent-auth'] !== 'false') this.#signedIn = this.#channel.connection;
    return last;
  }

  #authorization(message: Buffer): HeaderList {
    return ['authorization', `${this.#scheme} ${message.toString('base64')}`];
  }
}

/** A server that lets an empty first message pass has not done what we asked, so this is never taken for the answer. */
function notAChallenge(answer: HttpAnswer): HttpResult {
  if (answer.status >= 300) return answer;
  return { kind: 'failure', reason: 'connect', sent: false, source: 'no NTLM challenge' };
}

function challengesOf(answer: HttpAnswer): readonly string[] {
  const header: string | readonly string[] | undefined = answer.headers['www-authenticate'];
  if (header === undefined) return [];
  const lines = typeof header === 'string' ? [header] : header;
  return lines.flatMap((line) => line.split(/,\s*(?=[A-Za-z]+(?:\s|,|$))/)).map((one) => one.trim());
}

function tokenOf(answer: HttpAnswer, scheme: Scheme): string | undefined {
  const prefix = `${scheme.toLowerCase()} `;
  return challengesOf(answer)
    .find((one) => one.toLowerCase().startsWith(prefix))
    ?.slice(prefix.length);
}

function offers(answer: HttpAnswer, scheme: Scheme): boolean {
  return challengesOf(answer).some((one) => one.split(' ')[0]?.toLowerCase() === scheme.toLowerCase());
}

/** `DOMAIN\user`, or a user principal name, which goes with an empty domain. */
function accountOf(credentials: Account): NtlmAccount {
  const [domain = '', user] = credentials.user.split('\\', 2);
  const password = credentials.password;
  return user === undefined ? { domain: '', user: domain, password } : { domain, user, password };
}

function bindingOf(certificate: Buffer | undefined): Buffer | undefined {
  if (certificate === undefined) return undefined;
  const algorithm = new X509Certificate(certificate).signatureAlgorithm?.toLowerCase() ?? '';
  return channelBinding(certificate, /sha(?:1|224|256|384|512)(?!\d)|md5/.exec(algorithm)?.[0] ?? 'sha256');
}
