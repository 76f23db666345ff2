/** The standard health service of gRPC (grpc.health.v1): serving until the host begins to end. */
import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

interface Ask {
  readonly service?: string;
}
type Serving = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
interface Answer {
  readonly status: Serving;
}

const watchersMax = 100;

export class Health {
  readonly #services: readonly string[];
  readonly #watchers = new Set<ServerWritableStream<Ask, Answer>>();
  #serving = true;

  /** `services`: full names; the empty name stands for the host as a whole. */
  constructor(services: readonly string[]) {
    this.#services = ['', ...services];
  }

  /** From now on the host takes nothing new. */
  ending(): void {
    this.#serving = false;
    for (const watcher of this.#watchers) {
      watcher.write({ status: 'NOT_SERVING' });
      watcher.end();
    }
    this.#watchers.clear();
  }

  calls(): UntypedServiceImplementation {
    return {
      Check: ({ request }: ServerUnaryCall<Ask, Answer>, answer: sendUnaryData<Answer>) => {
        const found = this.#statusOf(request);
        if (found !== 'SERVICE_UNKNOWN') return answer(null, { status: found });
        answer({ code: status.NOT_FOUND, details: 'no such service' });
      },
      Watch: (call: ServerWritableStream<Ask, Answer>) => {
        call.write({ status: this.#statusOf(call.request) });
        if (!this.#serving || this.#watchers.size >= watchersMax) {
          call.end();
        } else {
          this.#watchers.add(call);
          call.on('cancelled', () => this.#watchers.delete(call));
        }
      },
    };
  }

  #statusOf({ service = '' }: Ask): Serving {
    if (!this.#services.includes(service)) return 'SERVICE_UNKNOWN';
    return this.#serving ? 'SERVING' : 'NOT_SERVING';
  }
}
