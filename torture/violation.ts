/** What a checker says when an invariant does not hold. */

export const invariantIds = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
  'I14',
  'I15',
  'I16',
  'I17',
  'I18',
  'I19',
  'I20',
] as const;

/** One of the twenty, an exception inside the engine, or a run that was not the same twice. */
export type InvariantId = (typeof invariantIds)[number] | 'defect' | 'nondeterminism';

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: InvariantId;
  /** Index of the script's step; its length and more: calm, silence and what follows. */
  readonly step: number;

  constructor(invariant: InvariantId, step: number, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
    this.step = step;
  }
}
