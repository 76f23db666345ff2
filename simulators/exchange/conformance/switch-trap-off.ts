/**
 * Switches one trap of the simulated server off, for a proof that somebody would notice. Preloaded into a process with
 * `--import`, it reads the name of the trap from EXCHANGE_TRAP_OFF and changes the server's source while that is being loaded;
 * the server itself has no such switches. An expression that is not there exactly once, or never loaded, is a defect of the
 * table and ends the process with `tableDefectCode`.
 */
import { registerHooks } from 'node:module';
import { type TrapEdit, traps } from './traps.ts';

/** Exit code that says the table of traps does not fit the source any more. */
export const tableDefectCode = 99;

const name = process.env.EXCHANGE_TRAP_OFF ?? '';
const trap = traps[name];
if (trap === undefined) throw new Error(`no trap is called "${name}"`);

const open = new Set<TrapEdit>(trap.edits);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = [...open].filter((one) => url === new URL(`../${one.file}`, import.meta.url).href);
    if (wanted.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
    let source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    for (const edit of wanted) {
      const parts = source.split(edit.expression);
      if (parts.length !== 2) continue;
      source = parts.join(edit.instead);
      open.delete(edit);
    }
    return { ...loaded, source };
  },
});

process.on('exit', () => {
  for (const { file, expression } of open) process.stderr.write(`${file} does not have exactly once: ${expression}\n`);
  if (open.size > 0) process.exitCode = tableDefectCode;
});
