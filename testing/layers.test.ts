/** The order of the layers is part of the design: this reads every import and holds the tree to it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** What each part may import besides itself. Tests may also use `testing`. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src/ports': [],
  'src/xml': [],
  'src/postgres': ['src/ports'],
  'src/model': [],
  'src/contract': ['src/model'],
  'src/store': ['src/contract', 'src/model', 'src/ports', 'src/postgres'],
  'src/connectors': ['src/contract', 'src/model', 'src/ports', 'src/xml'],
  'src/crm': ['src/contract', 'src/model', 'src/ports', 'src/postgres'],
  'src/host': ['src/connectors', 'src/contract', 'src/model', 'src/ports'],
  // Autodiscover is signed in to in the same way as the web services it leads to.
  'src/directory': ['src/connectors', 'src/contract', 'src/model', 'src/ports', 'src/xml'],
  'src/engine': ['src/contract', 'src/model', 'src/ports', 'src/store'],
  'src/dispatch': ['src/engine', 'src/contract', 'src/model', 'src/ports', 'src/store'],
  'src/audit': ['src/contract', 'src/model', 'src/ports'],
  'src/server': [
    'src/audit',
    'src/connectors',
    'src/contract',
    'src/crm',
    'src/directory',
    'src/dispatch',
    'src/engine',
    'src/host',
    'src/model',
    'src/ports',
    'src/postgres',
    'src/store',
  ],
  'src/cli': [
    'src/audit',
    'src/connectors',
    'src/contract',
    'src/crm',
    'src/directory',
    'src/dispatch',
    'src/engine',
    'src/host',
    'src/model',
    'src/ports',
    'src/postgres',
    'src/server',
    'src/store',
    'simulators/exchange',
    'simulators/crm',
    'torture',
  ],
  // Written from the protocol documents: using our connectors would make them prove nothing.
  'simulators/exchange': ['src/model', 'src/ports', 'src/xml'],
  'simulators/crm': ['simulators/exchange', 'src/model', 'src/ports', 'src/postgres'],
};

/** Inside the engine only the store's port is visible, never an implementation. */
const portOnly = ['src/engine', 'src/dispatch'];

const sources = globSync(['src/**/*.ts', 'simulators/**/*.ts'], { cwd: root }).map((file) => file.split(sep).join('/'));

test('every part stands only on the parts below it', () => {
  const broken: string[] = [];
  for (const file of sources) {
    const from = partOf(file);
    for (const target of importsOf(file)) {
      const to = partOf(target);
      if (to === from) continue;
      if (isTest(file) && (target.startsWith('testing/') || to === undefined)) continue;
      const permitted = from !== undefined && to !== undefined && (allowed[from] ?? []).includes(to);
      // A test beside the code may also play the other party, e.g. the simulated server.
      if (!permitted && !(isTest(file) && target.startsWith('simulators/'))) broken.push(`${file} -> ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('the engine knows the state store only by its port', () => {
  const broken: string[] = [];
  for (const file of sources) {
    const from = partOf(file);
    if (from === undefined || !portOnly.includes(from) || isTest(file)) continue;
    for (const target of importsOf(file)) {
      if (partOf(target) === 'src/store' && target !== 'src/store/port.ts') broken.push(`${file} -> ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('the simulation is reached by its own command alone', () => {
  const broken = sources.filter(
    (file) => file !== 'src/cli/commands/torture.ts' && importsOf(file).some((target) => target.startsWith('torture/')),
  );
  assert.deepEqual(broken, []);
});

test('time, chance and the environment enter the program only through its ports and its outermost layers', () => {
  const doors = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bprocess\.env\b/;
  const outer = ['src/ports', 'src/cli', 'src/server', 'src/postgres'];
  const broken = sources.filter((file) => {
    const part = partOf(file) ?? '';
    if (isTest(file) || outer.includes(part) || !part.startsWith('src/')) return false;
    return doors.test(withoutComments(readFileSync(join(root, file), 'utf8')));
  });
  assert.deepEqual(broken, []);
});

function isTest(file: string): boolean {
  return /\.test\.ts$/.test(file) || /(^|\/)conformance(\.ts$|\/)/.test(file);
}

/** `src/engine/act/act.ts` -> `src/engine`. */
function partOf(file: string): string | undefined {
  const [top, part] = file.split('/');
  if (top === 'torture') return top;
  return top === 'src' || top === 'simulators' ? `${top}/${part}` : undefined;
}

const names: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: Record<string, string> }).imports,
  ).map(([name, path]) => [name.replace('/*', '/'), path.replace('./', '').replace('/*', '/')]),
);

/** Paths of the project's own files that this file imports, relative to the root. */
function importsOf(file: string): readonly string[] {
  const text = withoutComments(readFileSync(join(root, file), 'utf8'));
  const found: string[] = [];
  for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    if (specifier.startsWith('.')) {
      found.push(
        relative(root, resolve(root, file, '..', specifier))
          .split(sep)
          .join('/'),
      );
    } else if (specifier.startsWith('#')) {
      const name = Object.keys(names).find((one) => specifier.startsWith(one));
      assert.ok(name !== undefined, `${file}: ${specifier} is no subpath import of package.json`);
      found.push(specifier.replace(name, names[name] as string));
    }
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
}
