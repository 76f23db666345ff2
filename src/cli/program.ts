/** Puts the commands together and turns however one ends into an exit code. */
import { Command, CommanderError } from 'commander';
import { complain, type Surroundings } from './command.ts';
import { auditCommand } from './commands/audit.ts';
import { brakeCommand } from './commands/brake.ts';
import { certsCommand } from './commands/certs.ts';
import { conflictsCommand } from './commands/conflicts.ts';
import { connectorHostCommand } from './commands/connector-host.ts';
import { demoCommand } from './commands/demo.ts';
import { directoryCommand } from './commands/directory.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { hostsCommand } from './commands/hosts.ts';
import { initCommand } from './commands/init.ts';
import { quarantineCommand } from './commands/quarantine.ts';
import { reviewCommand } from './commands/review.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { syncCommand } from './commands/sync.ts';
import { tortureCommand } from './commands/torture.ts';
import { undoCommand } from './commands/undo.ts';
import { usersCommand } from './commands/users.ts';
import type { Console } from './console.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

const afterHelp = `
Exit codes: 0 done and well, 1 something failed or is not in sync, 2 command line or configuration wrong.

First steps:
  liaison demo                     see everything work, nothing needed
  liaison init                     write a configuration file
  liaison doctor                   check it
  liaison users import users.csv   say who is synchronised with which mailbox
  liaison serve                    keep everybody in sync
`;

/** Runs one command line (without the program's own name) to its end. */
export async function runProgram(words: readonly string[], console: Console, signal: AbortSignal): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const surroundings: Surroundings = {
    console,
    signal,
    end: (ended) => {
      code = ended;
    },
  };
  const program = programOf(surroundings);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what is wrong with the command line; asking for help is not wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain(console, `this is a defect of Liaison, please report it:\n${text}`);
    return exitCode.failed;
  }
}

function programOf(surroundings: Surroundings): Command {
  const { console } = surroundings;
  const program = new Command('liaison')
    .description('Keeps the contacts, appointments and tasks of a CRM and of Exchange mailboxes the same, both ways.')
    // An option belongs to the command it stands behind.
    .enablePositionalOptions()
    .addHelpText('after', afterHelp);
  const commands = [
    demoCommand(surroundings),
    initCommand(surroundings),
    doctorCommand(surroundings),
    usersCommand(surroundings),
    directoryCommand(surroundings),
    serveCommand(surroundings),
    syncCommand(surroundings),
    statusCommand(surroundings),
    auditCommand(surroundings),
    explainCommand(surroundings),
    undoCommand(surroundings),
    conflictsCommand(surroundings),
    brakeCommand(surroundings),
    quarantineCommand(surroundings),
    reviewCommand(surroundings),
    connectorHostCommand(surroundings),
    hostsCommand(surroundings),
    certsCommand(surroundings),
    simulateCommand(surroundings),
    tortureCommand(surroundings),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of withChildren(program)) {
    command.exitOverride();
    command.showSuggestionAfterError();
    command.configureOutput({
      writeOut: (text) => console.out(text.trimEnd()),
      writeErr: (text) => console.err(text.trimEnd()),
    });
  }
  return program;
}

function withChildren(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withChildren)];
}
