/** The model alone, small: what one item costs to bring into canonical form, to print and to project, and an expansion. */
import { answerOf } from './lib/child.ts';
import { type Bench, progress } from './lib/report.ts';

export interface ModelResult {
  /** Microseconds of CPU per item of the standard mailbox. */
  readonly normaliseUs: number;
  readonly printsUs: number;
  readonly projectUs: number;
  /** Microseconds of CPU per occurrence. */
  readonly expandUs: number;
}

export const model: Bench = async () => {
  const results = await answerOf<ModelResult>('clients/model.ts', []);
  const { normaliseUs, printsUs, projectUs, expandUs } = results;
  progress(
    `model: normalise ${normaliseUs}, prints ${printsUs}, project ${projectUs} µs per item; ${expandUs} µs per occurrence`,
  );
  return { results, budgets: [] };
};
