/** Paths of an update, leaf by leaf. */
import { groupOf, leafOf, type Path } from '#model/groups.ts';

/** The asked paths in the order asked, each once, whole groups replaced by the leaves they have here. */
export function leafPaths(
  paths: readonly Path[],
  leaves: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<Path> {
  const found = new Set<Path>();
  for (const path of paths) {
    const below = leaves[groupOf(path)];
    if (below === undefined) found.add(groupOf(path));
    else if (leafOf(path) !== undefined) found.add(path);
    else for (const leaf of below) found.add(`${path}.${leaf}`);
  }
  return found;
}
