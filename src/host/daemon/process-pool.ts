/**
 * The processes of a host and who is in them. Allocation is decided by `allocate.ts`; this carries it out, keeps the books,
 * and ends what is idle, too large, silent or gone. What must hold: a user is booked before anything is awaited, so that two
 * visits never take the same place.
 */
import { join } from 'node:path';
import { type Fault, fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import type { ProcessReport } from '../wire/status.ts';
import { type Admission, allocate, type ProcessLoad } from './allocate.ts';
import { closeSession } from './close-session.ts';
import { ConnectorProcess } from './connector-process.ts';
import type { HostSettings } from './host-settings.ts';
import { memoryOf } from './memory-of.ts';

/** A visit that has its place. */
export interface Place {
  readonly process: ConnectorProcess;
  /** Says that a call begins; the returned function says that it ended. */
  readonly begin: () => () => void;
}

export type Admitted =
  | { readonly ok: true; readonly place: Place; readonly ready: Promise<Fault | undefined> }
  | { readonly ok: false; readonly fault: Fault };

interface Session {
  readonly user: string;
  readonly member: Member;
  calls: number;
  usedMs: number;
}

interface Member extends ProcessLoad {
  readonly process: ConnectorProcess;
  readonly users: Set<string>;
  readonly sessions: Map<string, Session>;
  readonly startedMs: number;
  state: ProcessReport['state'];
  idleSinceMs: number;
  memoryBytes: number;
  open: boolean;
  /** A look at it is under way. */
  looking: boolean;
}

const busyRetryMs = 5_000;
/** Of the limit: above it a process is ended at once. */
const memoryHardFactor = 1.5;

export class ProcessPool {
  readonly #settings: HostSettings;
  readonly #folder: string;
  readonly #ports: Ports;
  readonly #members = new Map<number, Member>();
  readonly #sessions = new Map<string, Session>();
  readonly #stopping = new AbortController();
  #serial = 0;

  /** `folder` is private to this host and holds the sockets. */
  constructor(settings: HostSettings, folder: string, ports: Ports) {
    this.#settings = settings;
    this.#folder = folder;
    this.#ports = ports;
    void this.#watch();
  }

  /** Books a place for a visit; the process may still be starting. */
  admit(session: string, ask: Admission): Admitted {
    if (this.#sessions.has(session)) {
      return { ok: false, fault: fault('defect.request', 'a session of this name is open') };
    }
    const choice = allocate([...this.#members.values()], ask, this.#settings);
    if (choice.kind === 'busy') {
      const message = `all ${this.#settings.processesMax} connector processes of this host are full`;
      return { ok: false, fault: fault('budget.exhausted', message, { source: 'host', retryAfterMs: busyRetryMs }) };
    }
    const member = choice.kind === 'join' ? this.#members.get(choice.id) : undefined;
    const taken = member ?? this.#start(ask);
    const booked: Session = { user: ask.user, member: taken, calls: 0, usedMs: this.#ports.clock.now() };
    taken.users.add(ask.user);
    taken.sessions.set(session, booked);
    this.#sessions.set(session, booked);
    return { ok: true, place: this.#placeOf(booked), ready: taken.process.ready };
  }

  /** Undefined when no such visit is open: it ended, or its process did. */
  find(session: string): Place | undefined {
    const booked = this.#sessions.get(session);
    return booked === undefined ? undefined : this.#placeOf(booked);
  }

  /** Ends a visit's place. Idempotent. */
  release(session: string): void {
    const booked = this.#sessions.get(session);
    if (booked === undefined) return;
    const { member, user } = booked;
    this.#sessions.delete(session);
    member.sessions.delete(session);
    if (![...member.sessions.values()].some((other) => other.user === user)) member.users.delete(user);
    if (member.sessions.size > 0) return;
    member.idleSinceMs = this.#ports.clock.now();
    if (member.visit === 'initial' || member.state === 'draining') this.#end(member, 'done');
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  report(): readonly ProcessReport[] {
    const now = this.#ports.clock.now();
    return [...this.#members.values()].map((member) => ({
      pid: member.process.pid,
      state: member.state,
      visit: member.visit,
      program: member.program,
      users: member.users.size,
      sessions: member.sessions.size,
      calls: [...member.sessions.values()].reduce((sum, { calls }) => sum + calls, 0),
      memoryBytes: member.memoryBytes,
      uptimeMs: now - member.startedMs,
    }));
  }

  /** Ends every process. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#members.values()].map(({ process }) => process.end()));
  }

  #placeOf(booked: Session): Place {
    return {
      process: booked.member.process,
      begin: () => {
        booked.calls += 1;
        return () => {
          booked.calls -= 1;
          booked.usedMs = this.#ports.clock.now();
        };
      },
    };
  }

  #start({ program, visit }: Admission): Member {
    this.#serial += 1;
    const id = this.#serial;
    const { memoryBytesMax, startMs, programs } = this.#settings;
    const command = programs[program] ?? [];
    const socket = join(this.#folder, `${id}.sock`);
    const now = this.#ports.clock.now();
    const member: Member = {
      id,
      program,
      visit,
      open: true,
      users: new Set(),
      sessions: new Map(),
      process: new ConnectorProcess({ program: command, socket, memoryBytesMax, startMs }, this.#ports),
      startedMs: now,
      state: 'starting',
      idleSinceMs: now,
      memoryBytes: 0,
      looking: false,
    };
    this.#members.set(id, member);
    this.#ports.log({ level: 'info', event: 'host.processStarted', pid: member.process.pid, visit, program });
    void member.process.ready.then((trouble) => {
      if (trouble === undefined && member.state === 'starting') member.state = 'running';
    });
    void member.process.ended.then((how) => this.#ended(member, how));
    return member;
  }

  #ended(member: Member, how: string): void {
    const lost = member.sessions.size;
    const expected = lost === 0 && how === 'code 0';
    const { pid } = member.process;
    this.#ports.log({ level: expected ? 'info' : 'warn', event: 'host.processEnded', pid, how, sessions: lost });
    member.open = false;
    this.#members.delete(member.id);
    for (const session of member.sessions.keys()) this.#sessions.delete(session);
    void member.process.dispose();
  }

  #end(member: Member, why: string): void {
    if (!member.open && why === 'idle') return;
    member.open = false;
    member.state = 'draining';
    this.#ports.log({ level: 'debug', event: 'host.processDone', pid: member.process.pid, why });
    void member.process.end();
  }

  #kill(member: Member, why: string): void {
    member.open = false;
    this.#ports.log({ level: 'error', event: 'host.processKilled', pid: member.process.pid, why });
    member.process.kill();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#ports.timer.sleep(this.#settings.lookMs, signal);
      if (signal.aborted) return;
      this.#endIdle();
      for (const member of this.#members.values()) void this.#look(member);
    }
  }

  #endIdle(): void {
    const now = this.#ports.clock.now();
    for (const [session, { calls, usedMs, member }] of this.#sessions) {
      if (calls > 0 || now - usedMs < this.#settings.sessionIdleMs) continue;
      this.#ports.log({ level: 'warn', event: 'host.sessionAbandoned', pid: member.process.pid });
      void closeSession(member.process, session, this.#ports.clock);
      this.release(session);
    }
    for (const member of this.#members.values()) {
      const idle = member.sessions.size === 0 && now - member.idleSinceMs >= this.#settings.idleMs;
      if (idle) this.#end(member, 'idle');
    }
  }

  async #look(member: Member): Promise<void> {
    if (member.looking || member.state === 'starting') return;
    member.looking = true;
    const { memoryBytesMax, silenceMs } = this.#settings;
    member.memoryBytes = (await memoryOf(member.process.pid)) ?? member.memoryBytes;
    if (member.memoryBytes > memoryBytesMax * memoryHardFactor) {
      this.#kill(member, 'memory');
    } else if (member.memoryBytes > memoryBytesMax && member.open) {
      member.open = false;
      member.state = 'draining';
      this.#ports.log({ level: 'warn', event: 'host.processLarge', pid: member.process.pid });
      if (member.sessions.size === 0) this.#end(member, 'memory');
    }
    if (!(await member.process.givesSignOfLife(silenceMs)) && this.#members.has(member.id)) {
      this.#kill(member, 'silence');
    }
    member.looking = false;
  }
}
