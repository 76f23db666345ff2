/** Headers that tell what became of an item: its place, its tags, its identities. */
import { entityTag, permanentUrl, replUid, resourceTag } from './identity.ts';
import { type Resource, urlOf } from './resource.ts';

export function itemHeaders(resource: Resource): readonly (readonly [string, string])[] {
  return [
    ['Location', urlOf(resource)],
    ['Repl-UID', `<${replUid(resource)}>`],
    ['ResourceTag', `<${resourceTag(resource)}>`],
    ['ETag', entityTag(resource)],
  ];
}

/** The same after MKCOL, MOVE and COPY, with the URL that lasts. */
export function placeHeaders(resource: Resource): readonly (readonly [string, string])[] {
  return [...itemHeaders(resource), ['MS-Exchange-Permanent-URL', permanentUrl(resource)]];
}
