/** The calls of one visit: what was sent where, whether it can have had an effect, and whose answer a frame is. */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type Fault, fault } from '#contract/fault.ts';
import type { Clock } from '#ports/ports.ts';
import { type Method, metadataKeys } from '../protocol.ts';
import { unary } from '../unary.ts';
import type { WireCall } from '../wire/messages.ts';
import { lost, protocolBroken, refusedBy } from './host-faults.ts';
import type { HostLink } from './host-link.ts';

export type Called<T> =
  | { readonly kind: 'answered'; readonly frames: readonly T[] }
  /** It certainly did not reach the remote side. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** Nobody can say; `frames` came before the loss. */
  | { readonly kind: 'lost'; readonly fault: Fault; readonly frames: readonly T[] };

const connectMs = 5_000;

export class VisitCalls {
  readonly #link: HostLink;
  readonly #metadata = new Metadata();
  readonly #callMs: number;
  readonly #clock: Clock;
  #serial = 0;
  /** Set by the first loss: the rest of the visit is refused without being sent. */
  #broken: Fault | undefined;

  constructor(link: HostLink, session: string, callMs: number, clock: Clock) {
    this.#link = link;
    this.#metadata.set(metadataKeys.session, session);
    this.#callMs = callMs;
    this.#clock = clock;
  }

  /** One call that is answered by a stream of frames. Never rejects. */
  async stream<T extends WireCall>(method: Method, ask: object): Promise<Called<T>> {
    const obstacle = await this.#obstacle();
    if (obstacle !== undefined) return { kind: 'refused', fault: obstacle };
    const call = this.#next();
    const frames: T[] = [];
    let isForeign = false;
    const error = await new Promise<ServiceError | undefined>((resolve) => {
      const stream = this.#link.client.makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        { ...ask, call },
        this.#metadata,
        { deadline: this.#clock.now() + this.#callMs },
      );
      stream.on('data', (frame: T) => {
        if (frame.call !== call) isForeign = true;
        else frames.push(frame);
      });
      stream.on('end', () => resolve(undefined));
      stream.on('error', (found: ServiceError) => resolve(found));
    });
    if (error !== undefined) return this.#failed(error, frames);
    if (isForeign) return this.violated();
    return { kind: 'answered', frames };
  }

  /** One call with one answer. Never rejects. */
  async ask<T extends WireCall>(method: Method): Promise<Called<T>> {
    const obstacle = await this.#obstacle();
    if (obstacle !== undefined) return { kind: 'refused', fault: obstacle };
    const call = this.#next();
    const options = { deadline: this.#clock.now() + this.#callMs };
    const answer = await unary<T>(this.#link.client, method, { call }, options, this.#metadata);
    if (!answer.ok) return this.#failed(answer.error, []);
    return answer.value.call === call ? { kind: 'answered', frames: [answer.value] } : this.violated();
  }

  /** The answer breaks the protocol: nothing it says is believed, and nothing else is asked. */
  violated(): Called<never> {
    this.#broken ??= protocolBroken;
    return { kind: 'lost', fault: protocolBroken, frames: [] };
  }

  /** Tells the other side, once; waits a little for it to have heard. */
  async end(method: Method, withinMs: number): Promise<void> {
    const deadline = this.#clock.now() + withinMs;
    await unary(this.#link.client, method, {}, { deadline }, this.#metadata);
  }

  #next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  async #obstacle(): Promise<Fault | undefined> {
    if (this.#broken !== undefined) return this.#broken;
    if (await this.#link.connected(connectMs)) return undefined;
    this.#link.forget();
    this.#broken = fault('mailbox.unavailable', `the connector host ${this.#link.name} cannot be reached any more`);
    return this.#broken;
  }

  #failed<T>(error: ServiceError, frames: readonly T[]): Called<T> {
    const refused = refusedBy(error);
    if (refused !== undefined) return { kind: 'refused', fault: refused };
    const trouble = lost(error);
    // Too large an answer concerns its own call; everything else is the end of the visit.
    if (error.code !== status.RESOURCE_EXHAUSTED) {
      this.#broken = trouble;
      this.#link.forget();
    }
    return { kind: 'lost', fault: trouble, frames };
  }
}
