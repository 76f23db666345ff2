/** Conditions of a request on the state of its target: `If-Match`, `If-None-Match`, `If` (RFC 2518 9.4). */
import { entityTag, resourceTag } from './identity.ts';
import type { Location } from './locate.ts';
import type { WebdavCall } from './webdav-call.ts';

/** Conditions longer than this many characters are not met. */
const conditionLengthMax = 8192;

/** Whether the conditions of a request hold for its target. */
export function conditionsHold(call: WebdavCall, location: Location): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch, if: given } = call.headers;
  if (match !== undefined && !matches(match, location)) return false;
  if (noneMatch !== undefined && matches(noneMatch, location)) return false;
  return given === undefined || given.length > conditionLengthMax ? given === undefined : stateHolds(given, location);
}

function tagsOf(location: Location): readonly string[] {
  return location.kind === 'found' ? [entityTag(location.resource), resourceTag(location.resource)] : [];
}

function matches(list: string, location: Location): boolean {
  const exists = location.kind === 'found' || (location.kind === 'part' && location.attachment !== undefined);
  if (list.trim() === '*') return exists;
  const tags = tagsOf(location);
  return list.split(',').some((one) => tags.includes(one.trim().replace(/^W\//, '')));
}

/** One list in parentheses must hold as a whole; a state is the resource tag in angle brackets or the entity tag in square ones. */
function stateHolds(text: string, location: Location): boolean {
  const tags = tagsOf(location).map((one) => one.toLowerCase());
  const lists = [...text.matchAll(/\(([^()]*)\)/g)].map((match) => match[1] ?? '');
  return lists.some((list) => {
    const states = [...list.matchAll(/(not\s+)?(?:<([^>]*)>|\[([^\]]*)\])/gi)];
    return (
      states.length > 0 &&
      states.every(([, not, state, entity]) => {
        const isTrue = tags.includes((state ?? entity ?? '').toLowerCase());
        return not === undefined ? isTrue : !isTrue;
      })
    );
  });
}
