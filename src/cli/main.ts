/** The command line: `liaison <command>`. Run by node directly; `bin/liaison.js` starts it. */
import { processConsole } from './console.ts';
import { runProgram } from './program.ts';

const stopping = new AbortController();
let asked = 0;

/** A service manager kills what is still there after ten seconds. */
const endMsMax = 9_500;

/** The first signal asks for a clean end, which has its time; the second one does not wait for it. */
function onSignal(): void {
  asked += 1;
  stopping.abort();
  if (asked > 1) process.exit(1);
  setTimeout(() => process.exit(1), endMsMax).unref();
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
// A reader that closed the pipe (head, less) has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2), processConsole(), stopping.signal);
