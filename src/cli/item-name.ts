/** How people recognise an item: its title or name. Pure. */
import type { Item } from '#model/item.ts';

/** Title or name; empty when there is none. */
export function nameOf(item: Item | null): string {
  if (item === null) return '';
  if (item.kind !== 'contact') return item.title ?? '';
  const { name = {}, organization = {} } = item;
  const full = [name.given, name.surname].filter((part) => part !== undefined).join(' ');
  return full === '' ? (organization.company ?? '') : full;
}

const nameCharactersMax = 40;

/** A name on one line of a table. */
export function shortName(name: string): string {
  const characters = [...name.replace(/\s+/g, ' ')];
  return characters.length <= nameCharactersMax
    ? characters.join('')
    : `${characters.slice(0, nameCharactersMax - 1).join('')}…`;
}
