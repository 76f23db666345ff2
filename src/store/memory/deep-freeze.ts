/**
 * Freezes a row with everything in it, so that the store and its callers may share it without either being able to change
 * the other's. What is frozen already is taken to be frozen whole: rows that were read and are written back cost nothing.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
