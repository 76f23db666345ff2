/** The file of a snapshot: read and written line by line, replaced as a whole, so that a crash leaves the old one. */
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** Characters that are gathered before they are written. */
const gatheredMax = 1_048_576;

/** The lines of a file, as they are read. */
export function readLines(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

/** Writes all lines beside the file, makes sure they are on the disk, and puts them in its place. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    let gathered = '';
    for (const line of lines) {
      gathered += `${line}\n`;
      if (gathered.length < gatheredMax) continue;
      await file.write(gathered);
      gathered = '';
    }
    await file.write(gathered);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
