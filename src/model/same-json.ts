/** Equality of plain JSON values; the order of keys does not matter, a member that is undefined counts as absent. */
export function sameJson(one: unknown, two: unknown): boolean {
  if (one === two) return true;
  if (typeof one !== 'object' || typeof two !== 'object' || one === null || two === null) return false;
  if (Array.isArray(one) || Array.isArray(two)) return sameLists(one, two);
  const ours = one as Readonly<Record<string, unknown>>;
  const theirs = two as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(ours)) {
    if (!sameJson(ours[key], Object.hasOwn(theirs, key) ? theirs[key] : undefined)) return false;
  }
  for (const key of Object.keys(theirs)) if (theirs[key] !== undefined && !Object.hasOwn(ours, key)) return false;
  return true;
}

function sameLists(one: unknown, two: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(two) || one.length !== two.length) return false;
  return one.every((each, at) => sameJson(each, two[at]));
}
