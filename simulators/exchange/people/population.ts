/** People who live in the mailboxes at an adjustable rate: who does what, in which order, follows from the seed alone. */
import type { Ports, Random } from '#ports/ports.ts';
import type { Truth } from '../truth/truth.ts';
import { type Activity, live } from './activities.ts';
import { pick, seededRandom } from './seeded-random.ts';

export interface Life {
  /** Edits per minute over all people. */
  readonly editsPerMinute: number;
  /** How many of the mailboxes have somebody who lives in them, from the first on; all when absent. */
  readonly people?: number | undefined;
  /** 1 when absent. */
  readonly seed?: number | undefined;
}

export interface LifeStatus {
  readonly living: boolean;
  readonly editsPerMinute: number;
  readonly people: number;
  readonly seed: number;
  /** Edits since the people were last told to live. */
  readonly done: number;
  readonly activities: Readonly<Partial<Record<Activity, number>>>;
}

/** People look at the clock this often. */
const tickMs = 50;

/** Edits after which others get their turn, when people are behind. */
const editsPerTickMax = 200;

export class Population {
  readonly #truth: Truth;
  readonly #ports: Ports;
  #addresses: readonly string[] = [];
  #random: Random = seededRandom(1);
  #life: Life = { editsPerMinute: 0 };
  #done = 0;
  #activities: Partial<Record<Activity, number>> = {};
  #resting: AbortController | undefined;
  #lived: Promise<void> = Promise.resolve();

  constructor(truth: Truth, ports: Ports) {
    this.#truth = truth;
    this.#ports = ports;
  }

  status(): LifeStatus {
    return {
      living: this.#resting !== undefined,
      editsPerMinute: this.#life.editsPerMinute,
      people: this.#addresses.length,
      seed: this.#life.seed ?? 1,
      done: this.#done,
      activities: { ...this.#activities },
    };
  }

  /** Says who lives and how, from the beginning of the seed; nobody moves before `start` or `step`. */
  settle(life: Life): void {
    this.#addresses = Array.from(this.#truth.descriptions(), (one) => one.address).slice(0, life.people);
    this.#random = seededRandom(life.seed ?? 1);
    this.#life = life;
    this.#done = 0;
    this.#activities = {};
  }

  /** Lets people live until `rest`. */
  async start(life: Life): Promise<void> {
    await this.rest();
    this.settle(life);
    const resting = new AbortController();
    this.#resting = resting;
    this.#lived = this.#live(resting.signal);
  }

  /** Everybody rests; resolves when the last edit is done. */
  async rest(): Promise<void> {
    this.#resting?.abort();
    this.#resting = undefined;
    await this.#lived;
  }

  /** One person does one thing now. Answers how many edits it was; 0 when there is nobody. */
  step(): number {
    if (this.#addresses.length === 0) return 0;
    const mailbox = this.#truth.mailbox(pick(this.#random, this.#addresses));
    if (mailbox === undefined) return 0;
    const { activity, edits } = live(this.#truth, mailbox, this.#random);
    this.#done += edits;
    this.#activities[activity] = (this.#activities[activity] ?? 0) + 1;
    return edits;
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { clock, timer } = this.#ports;
    const startedMs = clock.now();
    while (!signal.aborted) {
      await timer.sleep(tickMs, signal);
      const due = ((clock.now() - startedMs) * this.#life.editsPerMinute) / 60_000;
      let edits = 0;
      while (!signal.aborted && this.#done < due && edits < editsPerTickMax) {
        const made = this.step();
        if (made === 0) return;
        edits += made;
      }
    }
  }
}
