/** `liaison init`: writes a commented configuration file. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { configTemplate } from '#server/config-template.ts';
import { complain, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';

export function initCommand({ console, end }: Surroundings): Command {
  return new Command('init')
    .description('write a commented configuration file')
    .argument('[file]', 'where to', './liaison.yaml')
    .action(async (file: string) => {
      try {
        await writeFile(file, configTemplate, { flag: 'wx' });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const why = code === 'EEXIST' ? 'exists already and is left as it is' : `cannot be written (${code})`;
        complain(console, `${file} ${why}`);
        return end(exitCode.usage);
      }
      console.out(`${file} written. Set servers.main in it, then: liaison doctor --config ${file}`);
      end(exitCode.ok);
    });
}
