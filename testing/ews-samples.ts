/** The sample messages of Exchange servers in `ews-samples/`: `recorded/` from real servers, the others written by hand. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('./ews-samples/', import.meta.url);

/** One sample's text, e.g. `recorded/getitem-contact-allproperties-ex2019.xml`. */
export function ewsSample(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** Names of all recorded samples. */
export function recordedSamples(): readonly string[] {
  return readdirSync(new URL('recorded/', folder))
    .filter((name) => name.endsWith('.xml'))
    .map((name) => `recorded/${name}`);
}
