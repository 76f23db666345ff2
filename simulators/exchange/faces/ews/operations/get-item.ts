/** GetItem ([MS-OXWSCORE] 3.1.4.4): items by id, in the shape asked for. */
import { child } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { forEachInput } from '../messages.ts';
import { resolveItem } from '../resolve.ts';
import { type ItemShape, itemMarkup, readItemShape } from '../shape.ts';
import { strikeItem } from '../strikes.ts';

export function getItem(call: Call): string {
  const references = child(call.request, 'ItemIds')?.children ?? [];
  let shape: ItemShape | undefined;
  return forEachInput('GetItem', references, '<m:Items/>', (reference, index) => {
    shape ??= readItemShape(child(call.request, 'ItemShape'), call, 'get');
    strikeItem(call, index);
    const { view } = resolveItem(reference, call);
    return `<m:Items>${itemMarkup(view, shape)}</m:Items>`;
  });
}
