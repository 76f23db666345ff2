/** Items cross as the JSON of `model/item.ts`. */
import { type Item, kinds } from '#model/item.ts';
import { protocolLimits } from '../protocol.ts';

/** Undefined when the text is no item: not JSON, no object, or of no known kind. The rest is the engine's to validate. */
export function itemOf(json: string | undefined): Item | undefined {
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
    return (kinds as readonly unknown[]).includes(value.kind) ? (value as Item) : undefined;
  } catch {
    return undefined;
  }
}

/** More than one message may hold. */
export function isTooLarge(json = ''): boolean {
  const { itemBytesMax } = protocolLimits;
  // No character takes more than three bytes per UTF-16 unit.
  return json.length * 3 > itemBytesMax && Buffer.byteLength(json) > itemBytesMax;
}
