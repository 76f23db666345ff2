/** What a person or a test can see of the running server, and make it do: counters, event log, faults. */
import type { Clock, Random } from '#ports/ports.ts';
import { type ArmedFault, armed, type Fault, type FaultKind, type FaultSite, strikes } from './faults.ts';

/** One request, as the log remembers it. */
export interface LogEntry {
  readonly atMs: number;
  readonly operation: string;
  readonly mailbox: string;
  readonly account: string;
  readonly status: number;
  readonly durationMs: number;
  /** Response code of the fault, or of the first error inside. */
  readonly code: string | undefined;
  /** Faults that struck. */
  readonly faults: readonly FaultKind[];
}

export interface Counters {
  readonly requests: number;
  readonly byOperation: Readonly<Record<string, number>>;
  readonly faultsStruck: Readonly<Record<string, number>>;
  /** Answers that did not validate against the schema. Always 0 unless the simulator has a defect. */
  readonly invalidResponses: number;
  readonly schemaViolations: number;
  readonly unauthorized: number;
}

/** Log entries kept. */
const logEntriesMax = 10_000;

export class Control {
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #log: LogEntry[] = [];
  readonly #byOperation = new Map<string, number>();
  readonly #struck = new Map<string, number>();
  readonly #answers = new Map<string, string>();
  readonly #justStruck: FaultKind[] = [];
  #armed: ArmedFault[] = [];
  #wrongClock: { readonly fault: Fault; readonly sinceMs: number } | undefined;
  #requests = 0;
  invalidResponses = 0;
  schemaViolations = 0;
  unauthorized = 0;

  /** `clock` is true time. */
  constructor(random: Random, clock: Clock) {
    this.#random = random;
    this.#clock = clock;
  }

  /** Switches a fault on. */
  inject(fault: Fault): void {
    if (fault.kind === 'clockOffset') this.#wrongClock = { fault, sinceMs: this.#clock.now() };
    else this.#armed.push(armed(fault));
  }

  /** The clock the server goes by: true time, unless a fault says otherwise. */
  now(): number {
    const trueMs = this.#clock.now();
    if (this.#wrongClock === undefined) return trueMs;
    const { fault, sinceMs } = this.#wrongClock;
    return Math.round(trueMs + (fault.offsetMs ?? 0) + ((trueMs - sinceMs) / 60_000) * (fault.driftMs ?? 0));
  }

  /** Switches all faults off. */
  calm(): void {
    this.#armed = [];
    this.#wrongClock = undefined;
    this.#answers.clear();
  }

  get armedFaults(): readonly Fault[] {
    const wrongClock = this.#wrongClock === undefined ? [] : [this.#wrongClock.fault];
    return [...this.#armed.filter((one) => one.remaining > 0).map((one) => one.fault), ...wrongClock];
  }

  counters(): Counters {
    return {
      requests: this.#requests,
      byOperation: Object.fromEntries(this.#byOperation),
      faultsStruck: Object.fromEntries(this.#struck),
      invalidResponses: this.invalidResponses,
      schemaViolations: this.schemaViolations,
      unauthorized: this.unauthorized,
    };
  }

  log(): readonly LogEntry[] {
    return this.#log;
  }

  record(entry: LogEntry): void {
    this.#requests += 1;
    this.#byOperation.set(entry.operation, (this.#byOperation.get(entry.operation) ?? 0) + 1);
    this.#log.push(entry);
    if (this.#log.length > 2 * logEntriesMax) this.#log.splice(0, logEntriesMax);
  }

  /** No fault is switched on. */
  get isCalm(): boolean {
    return this.#armed.length === 0;
  }

  /** The fault of one of these kinds that strikes here; `index` is that of the input in a batch. */
  strike(site: FaultSite, index: number | undefined, ...kinds: readonly FaultKind[]): Fault | undefined {
    return this.#strike(site, index, (fault) => kinds.includes(fault.kind));
  }

  /** A busy fault that shows inside a response message. */
  strikeBusyItem(site: FaultSite, index: number): Fault | undefined {
    return this.#strike(site, index, (fault) => fault.kind === 'busy' && fault.form === 'message');
  }

  /** A busy fault that shows as a whole answer. */
  strikeBusy(site: FaultSite): Fault | undefined {
    return this.#strike(site, undefined, (fault) => fault.kind === 'busy' && fault.form !== 'message');
  }

  /** Remembers an answer while faults are on, and gives back the one before it. */
  exchangeAnswer(key: string, text: string): string | undefined {
    if (this.isCalm) return undefined;
    const previous = this.#answers.get(key);
    this.#answers.set(key, text);
    return previous;
  }

  /** Kinds that struck since the last call. */
  takeStruck(): readonly FaultKind[] {
    return this.#justStruck.splice(0);
  }

  #strike(site: FaultSite, index: number | undefined, isWanted: (fault: Fault) => boolean): Fault | undefined {
    for (const one of this.#armed) {
      const { fault } = one;
      if (!isWanted(fault) || (fault.item !== undefined && fault.item !== index)) continue;
      if (!strikes(one, site, () => this.#random.fraction())) continue;
      if (one.remaining <= 0) this.#armed = this.#armed.filter((other) => other !== one);
      this.#struck.set(fault.kind, (this.#struck.get(fault.kind) ?? 0) + 1);
      this.#justStruck.push(fault.kind);
      return fault;
    }
    return undefined;
  }
}
