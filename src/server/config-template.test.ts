import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { parseConfig } from './config.ts';
import { configSchema } from './config-schema.ts';
import { configTemplate } from './config-template.ts';

/** The template with every key switched on. Prose lines have no `key:` right after the mark. */
const complete = configTemplate.replace(/^(\s*)# ([A-Za-z]+:( .*)?)$/gm, '$1$2');

test('the file that `liaison init` writes is correct as it stands', () => {
  const reply = parseConfig(configTemplate, 'liaison.yaml');
  assert.deepEqual(reply.ok ? [] : reply.problems, []);
});

test('it shows every key there is', () => {
  const shown = keysOf(parse(complete) as object, '');
  const missing = schemaKeys(configSchema, '').filter((key) => !shown.has(key.replace('.*.', '.main.')));
  assert.deepEqual(missing, []);
});

test('the defaults it shows are the real ones', () => {
  const bare = parseConfig(configTemplate, 'liaison.yaml');
  const withDefaults = complete
    // Examples of keys that have no default.
    .replace(/^ +(caFile|url|file): .*\n/gm, (line) => (line.includes('https:') || line.includes('certs') ? line : ''))
    .replace(/^ {2}machines:\n( {4}.*\n)+/m, '')
    .replace(/^ +(kinds:|(contact|event|task): \{.*)\n/gm, '');
  const full = parseConfig(withDefaults, 'liaison.yaml');
  assert.ok(bare.ok && full.ok, full.ok ? '' : JSON.stringify(full.problems));
  // No directory is the default; one that is named has these.
  const { main: shown } = full.config.directories;
  assert.deepEqual({ ...full.config, directories: {} }, bare.config);
  const signIn = (user: string, name: string) => `{user: ${user}, password: {env: ${name}}`;
  const least = `${configTemplate}
directories:
  main:
    ldap:
      forest: corp.example.com
      signIn: ${signIn('svc-liaison@corp.example.com', 'DIRECTORY_PASSWORD')}}
    autodiscover:
      signIn: ${signIn('EXAMPLE\\svc-liaison', 'EXCHANGE_PASSWORD')}, kind: ntlm}
`;
  const sparse = parseConfig(least, 'liaison.yaml');
  assert.ok(sparse.ok, sparse.ok ? '' : JSON.stringify(sparse.problems));
  assert.deepEqual(shown, sparse.config.directories.main);
});

test('with every key switched on it is still correct', () => {
  const reply = parseConfig(complete, 'liaison.yaml');
  assert.deepEqual(reply.ok ? [] : reply.problems, []);
});

function keysOf(value: object, prefix: string): Set<string> {
  const keys = new Set<string>();
  for (const [name, inner] of Object.entries(value)) {
    keys.add(prefix + name);
    if (typeof inner === 'object' && inner !== null)
      for (const key of keysOf(inner, `${prefix}${name}.`)) keys.add(key);
  }
  return keys;
}

/** `servers.*.url` for every key of the schema; what a secret holds is not listed. */
function schemaKeys(schema: unknown, prefix: string): readonly string[] {
  let bare = schema;
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault) {
    bare = bare.unwrap();
  }
  if (bare instanceof z.ZodRecord) return schemaKeys(bare.valueType, `${prefix}*.`);
  if (!(bare instanceof z.ZodObject)) return [];
  return Object.entries(bare.shape).flatMap(([name, inner]) => [
    prefix + name,
    ...schemaKeys(inner, `${prefix}${name}.`),
  ]);
}
