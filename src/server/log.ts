/** The log: one JSON line per event, to a file or to standard error. Events carry ids and counts, never personal data. */
import { pino } from 'pino';
import type { Log } from '#ports/ports.ts';
import type { Config } from './config-schema.ts';

const standardError = 2;

/** Lines are written as they come, so that none is lost in a crash. Throws when the file cannot be opened. */
export function openLog(settings: Config['log']): Log {
  const destination = pino.destination({ dest: settings.file ?? standardError, sync: true, mkdir: true });
  const logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return ({ level, event, ...fields }) => logger[level]({ event, ...fields });
}
