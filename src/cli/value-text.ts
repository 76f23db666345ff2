/** A value of an item in a few words. Pure. */

const charactersMax = 120;

export function valueText(value: unknown, most = charactersMax): string {
  if (value === null || value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
