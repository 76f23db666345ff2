/**
 * The three functions of the Reflect metadata proposal that @peculiar/x509's injection container calls when it is loaded.
 * Import this before it. Does nothing where a polyfill is there already.
 */
type Bag = Map<unknown, unknown>;

interface Metadata {
  getMetadata?(key: unknown, target: object): unknown;
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

const reflect = Reflect as unknown as Metadata;
const bags = new WeakMap<object, Bag>();

if (reflect.getMetadata === undefined) {
  reflect.getOwnMetadata = (key, target) => bags.get(target)?.get(key);
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      const bag = bags.get(at);
      if (bag?.has(key)) return bag.get(key);
    }
    return undefined;
  };
  reflect.defineMetadata = (key, value, target) => {
    const bag: Bag = bags.get(target) ?? new Map();
    bags.set(target, bag.set(key, value));
  };
}
