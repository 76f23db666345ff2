/** Builds the demo's world: database, CRM, simulated Exchange, users, and a Liaison between them. */
import type { Ports } from '#ports/ports.ts';
import { autoServer, configSchema } from '#server/config-schema.ts';
import { type Liaison, openLiaison } from '#server/liaison.ts';
import type { Environment } from '#server/secret.ts';
import { seedEmployee } from '#simulators/crm/seed-employee.ts';
import { seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import type { Pair } from '#store/port.ts';
import type { Step } from '../progress/board.ts';
import { putUsers } from '../users/put-users.ts';
import { type Content, crmItems, type Member, mailboxItems, makeCast, makeContent, tasksOfMailbox } from './cast.ts';
import { demoDatabase } from './demo-database.ts';
import { type ExchangeChild, spawnExchange } from './exchange-child.ts';
import { Pulse } from './pulse.ts';

export interface World {
  readonly liaison: Liaison;
  readonly exchange: ExchangeChild;
  readonly cast: readonly Member[];
  /** Ids of the CRM's employees by login. */
  readonly employees: ReadonlyMap<string, number>;
  /** Days since 1970. */
  readonly today: number;
  readonly pairs: readonly Pair[];
  readonly pulse: Pulse;
  /** Who is still to move to the new server. */
  readonly moving: Member[];
  /** Ends everything, and removes what the demo made. Idempotent. */
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly mailboxes: number;
  readonly estate: 'one' | 'mixed';
  readonly seed: number;
  readonly data?: string;
  readonly environment: Environment;
  readonly step: (mailbox: string, step: Step) => void;
  readonly passed: (mailbox: string) => void;
  readonly say: (text: string) => void;
}

const serverName = 'simulated';
const passwordName = 'LIAISON_DEMO_PASSWORD';
const service = { user: 'svc@example.test', password: 'svc-pw1' } as const;
const signIn = { kind: 'basic', user: service.user, password: { env: passwordName } };
const dayMs = 86_400_000;

export async function buildWorld(options: WorldOptions, ports: Ports): Promise<World> {
  const { say } = options;
  const cast = makeCast(options.mailboxes, options.estate);
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let last = closing.pop(); last !== undefined; last = closing.pop()) await last();
  };
  try {
    const database = await demoDatabase(options.environment, options.data, ports);
    closing.push(() => database.remove());
    const exchange = spawnExchange();
    closing.push(() => exchange.stop());
    say(`starting PostgreSQL in ${database.place} and a simulated Exchange in a process of its own`);
    const pulse = new Pulse();
    const { url } = await exchange.start({ estate: estateOf(cast), seed: options.seed });
    const config = configSchema.parse({
      database: database.settings,
      ...(options.estate === 'one' ? { servers: { [serverName]: { kind: 'ews', url, signIn } } } : mixedServers(url)),
      sync: {
        intervalSeconds: 1,
        retrySeconds: 1,
        locateDoubtSeconds: 1,
        concurrency: Math.min(options.mailboxes, 8),
      },
    });
    const { DATABASE_URL: _, ...environment } = options.environment;
    const liaison = await openLiaison(
      config,
      {
        environment: { ...environment, ...database.environment, [passwordName]: service.password },
        join: false,
        progress(pair, step) {
          const counts = step.stage === 'write' ? pulse.written : step.stage === 'observe' ? pulse.read : undefined;
          if (counts !== undefined) counts[step.side] += step.items;
          options.step(pair.mailbox, step);
        },
        passed(pair, outcome, troubles) {
          pulse.passed(pair, outcome, troubles, ports.clock.now());
          options.passed(pair.mailbox);
        },
      },
      ports,
    );
    closing.push(() => liaison.close());
    say(`filling ${cast.length} mailboxes, and a CRM that knows some of it already`);
    const today = Math.floor(ports.clock.now() / dayMs);
    const employees = await furnish(cast, options.seed, liaison, exchange, today);
    const server = options.estate === 'one' ? serverName : autoServer;
    const pairs = await addUsers(cast, server, liaison, ports);
    const moving = cast.filter(({ old }) => old).slice(0, 1);
    return { liaison, exchange, cast, employees, today, pairs, pulse, moving, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** An old and a new server; where each mailbox is, autodiscover tells. */
function mixedServers(url: string) {
  const { origin } = new URL(url);
  return {
    servers: { new: { kind: 'ews', url, signIn }, old: { kind: 'exchange2007', url: `${origin}/exchange/`, signIn } },
    directories: { simulated: { autodiscover: { urls: [origin], signIn } } },
  };
}

function estateOf(cast: readonly Member[]): Parameters<ExchangeChild['start']>[0]['estate'] {
  return {
    mailboxes: cast.map(({ mailbox, password, given, surname, zone, old }) => ({
      address: mailbox,
      password,
      displayName: `${given} ${surname}`,
      timeZone: zone,
      ...(old && { version: '2007sp3' as const }),
    })),
    serviceAccounts: [{ userName: service.user, password: service.password, impersonates: 'all' }],
  };
}

async function furnish(
  cast: readonly Member[],
  seed: number,
  liaison: Liaison,
  exchange: ExchangeChild,
  today: number,
): Promise<ReadonlyMap<string, number>> {
  const employees = new Map<string, number>();
  for (const [index, member] of cast.entries()) {
    const content: Content = makeContent(seededRandom(seed + 1_000 * (index + 1)), today);
    const { people, meetings, tasks, companies } = content;
    const inMailbox = exchange.seed({
      mailbox: member.mailbox,
      content: {
        contacts: mailboxItems.contacts,
        appointments: mailboxItems.appointments,
        series: mailboxItems.series,
        tasks: mailboxItems.tasks,
        people: [...people.both, ...people.mailbox],
        companies,
        meetings: [...meetings.both, ...meetings.mailbox],
        todos: tasksOfMailbox(tasks),
      },
    });
    const inCrm = await seedEmployee(liaison.crm, {
      login: member.login,
      email: member.mailbox,
      firstName: member.given,
      lastName: member.surname,
      zone: member.zone,
      ...crmItems,
      today,
      random: seededRandom(seed + 1_000 * (index + 1) + 1),
      people: [...people.both, ...people.crm],
      companies,
      meetings: [...meetings.both, ...meetings.crm],
      todos: [...tasks.both, ...tasks.crm],
    });
    employees.set(member.login, inCrm.employeeId);
    await inMailbox;
  }
  return employees;
}

async function addUsers(
  cast: readonly Member[],
  server: string,
  liaison: Liaison,
  ports: Ports,
): Promise<readonly Pair[]> {
  const { levels } = liaison.config.sync;
  const users = cast.map(({ login, mailbox, zone }) => ({
    crmUser: login,
    mailbox,
    enabled: true,
    server,
    levels,
    zone,
  }));
  await putUsers(liaison.store, users, ports.random);
  const found = await Promise.all(cast.map(({ mailbox }) => liaison.store.findPair(mailbox)));
  return found.flatMap((status) => (status === undefined ? [] : [status.pair]));
}
