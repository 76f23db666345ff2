#!/usr/bin/env node
// Starts the command line: with the project's own Node where it is installed (an older system Node cannot run it), with the
// memory settings an engine wants, and from the bundle in dist/ when there is one that is not older than the sources.
import { spawn } from 'node:child_process';
import fs, { existsSync, statSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const own = path('../node_modules/.bin/node');
// Garbage is collected early rather than at leisure: measured at 138 MB instead of 235 MB for a first sync, for 8 % more CPU.
// A connector host only passes bytes on, which early collections would make dear.
const settings = process.argv[2] === 'connector-host' ? ['--max-semi-space-size=16'] : ['--max-semi-space-size=4', '--heap-growing-percent=20'];
// These start other files of the sources, or are not part of the bundle.
const fromSources = ['demo', 'simulate', 'torture'];

const asWanted = settings.every((one) => process.execArgv.includes(one));
if (asWanted || process.env.LIAISON_STARTED !== undefined) {
  module.enableCompileCache?.();
  await import(entry());
} else {
  startAgain();
}

function entry() {
  const bundle = path('../dist/liaison.mjs');
  return fromSources.includes(process.argv[2] ?? '') || !isCurrent(bundle) ? '../src/cli/main.ts' : '../dist/liaison.mjs';
}

/** A bundle from before the last change of the sources would run yesterday's program. */
function isCurrent(bundle) {
  if (!existsSync(bundle)) return false;
  const built = statSync(bundle).mtimeMs;
  return fs.globSync('**/*.{ts,sql,proto}', { cwd: path('../src') }).every((file) => statSync(path(`../src/${file}`)).mtimeMs <= built);
}

function startAgain() {
  const node = existsSync(own) ? own : process.execPath;
  const child = spawn(node, [...settings, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LIAISON_STARTED: 'yes' },
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
}
