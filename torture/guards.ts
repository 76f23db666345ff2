/**
 * While a simulated run lasts, nothing may come in from outside: the real clock, real timers, chance, sockets and the
 * environment throw. What the harness itself needs to take turns is fetched before.
 */
import { Socket } from 'node:net';

/** Taken before any guard stands: lets everything that can go on go on. */
const immediate = globalThis.setImmediate;

/** Resolves when no part of the program can continue without the world's help. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    immediate(resolve);
  });
}

type Restore = () => void;

/** Puts the guards up; answers how to take them down. Runs may not overlap. */
export function guard(): Restore {
  const restores: Restore[] = [];
  const replace = <T extends object, K extends keyof T & string>(target: T, name: K, value: T[K]): void => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, {
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? false,
      value,
    });
    restores.push(() => {
      if (before === undefined) delete target[name];
      else Object.defineProperty(target, name, before);
    });
  };
  const refused = (name: string) => (): never => {
    throw new Error(`${name} was used inside a simulated run`);
  };
  replace(Math, 'random', refused('Math.random'));
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    replace(globalThis, name, refused(name) as never);
  }
  replace(performance, 'now', refused('the machine’s clock') as never);
  replace(globalThis, 'Date', datesOnly(globalThis.Date));
  replace(Socket.prototype, 'connect', refused('a socket') as never);
  replace(process, 'env', closedEnvironment(refused('the environment')));
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}

/** Dates may be computed from a given time, never taken from the machine. */
function datesOnly(real: DateConstructor): DateConstructor {
  return new Proxy(real, {
    construct(target, args, made) {
      if (args.length === 0) throw new Error('the real date was used inside a simulated run');
      return Reflect.construct(target, args, made) as object;
    },
    get(target, name, receiver) {
      if (name === 'now') throw new Error('Date.now was used inside a simulated run');
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

function closedEnvironment(refuse: () => never): NodeJS.ProcessEnv {
  return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse });
}
