/** Checks answers against the schema of the build that gives them. */
import type { Answer } from './face.ts';
import { schemaViolation, type Violation } from './schema.ts';

/**
 * Why an answer is not valid. One recorded answer of real servers is invalid itself: the list of time zones without their
 * rules, whose Periods are empty.
 */
export function responseViolation(answer: Answer): Violation | undefined {
  if (answer.status !== 200) return undefined;
  if (answer.operation === 'GetServerTimeZones' && answer.text.includes('<t:Periods/>')) return undefined;
  return schemaViolation(answer.text, answer.profile.schema);
}
