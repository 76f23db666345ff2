/** Items as they are compared: by what both sides hold and the policy does not leave out. */
import type { Item } from '#model/item.ts';
import { type TortureSide, unsigned } from './side.ts';

/** What an item shows. */
export function lookOf(side: TortureSide, item: Item, except: (path: string) => boolean = () => false): string {
  const shown = Object.entries(side.sharedPrints(item)).filter(([path]) => !except(path));
  return JSON.stringify(shown.sort());
}

/** What an item says, whatever a server added, apart from some paths. */
export function essence(side: TortureSide, item: Item, except: (path: string) => boolean): string {
  return lookOf(side, unsigned(item), except);
}
