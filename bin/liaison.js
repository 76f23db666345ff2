#!/usr/bin/env node
// Starts the command line with the project's own Node where it is installed: an older system Node cannot run TypeScript.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const node = existsSync(own) ? own : process.execPath;
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});

// A terminal sends Ctrl-C to both of us; from elsewhere it reaches only this process and is passed on.
const passedOn = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of passedOn) process.on(signal, () => child.kill(signal));
if (process.stdin.isTTY) process.on('SIGINT', () => {});
child.on('error', (error) => {
  console.error(`liaison: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
