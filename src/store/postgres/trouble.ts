/** Which database errors mean that the store cannot answer. Everything else is a defect and passes unchanged. */
import { databaseTrouble } from '#postgres/database.ts';
import { FenceLost, StoreUnavailable } from '../port.ts';

/** Runs `work` and throws the port's errors. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
}

/** The remedy stands in the sentence: a command prints it and nothing else. */
const readOnlyText =
  'the state database is read-only (SQLSTATE 25006): name the primary instead of a standby, or make it writable again';

function storeError(error: unknown): unknown {
  if (error instanceof FenceLost) return error;
  const trouble = databaseTrouble(error);
  switch (trouble) {
    case 'readOnly':
      return new StoreUnavailable(readOnlyText, { cause: error });
    case 'connection':
    case 'commitUnknown':
    case 'timeout':
    case 'serialization':
    case 'denied':
      return new StoreUnavailable(`the state database did not answer (${trouble})`, { cause: error });
    case 'constraint':
    case 'value':
    case 'other':
      return error;
  }
}
