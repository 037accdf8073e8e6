import { existsSync } from 'node:fs';
import { AUTO, openSettings } from '../../music/index.ts';
import type { ActionOf } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { demo as words } from '../model-commands-table.ts';
import { FileError } from '../files.ts';
import { songbookFolder } from '../../package-folder.ts';
import { checkRunFolder, checkRunPlace } from '../run-folder.ts';
import { givenSettings, overridesFrom } from '../setting-options.ts';
import { quoted } from '../../text/table.ts';
import { holdRunFolder } from '../train/hold-folder.ts';
import { trainAndReport } from './train.ts';

/** `etude demo`: the whole road on the songbook. */
export const demo: ActionOf<typeof words> = async ({ options, terminal }) => {
  const { force, backend, threads, soundfont } = options;
  const given = overridesFrom(givenSettings(options));
  const settings = openSettings(given);
  const learn = (out: string): Promise<number> => {
    checkRunFolder(out, { force });
    terminal.say('Training on the bundled songbook takes a minute or two. Ctrl-C saves and stops.\n');
    const sources = [songbookFolder()];
    const plan = { out, preset: AUTO, given, settings, sources, backend, threads, sampleNotes: 'auto' } as const;
    return trainAndReport(plan, { listen: true, soundfont }, terminal);
  };
  if (options.out !== undefined) checkRunPlace(options.out);
  let out = options.out ?? nextFree('runs/songbook');
  let exitCode: number | undefined;
  while (exitCode === undefined) {
    try {
      exitCode = await holdRunFolder(out, terminal, () => learn(out));
    } catch (thrown) {
      // Another demo was quicker to take the same number.
      if (options.out !== undefined || !(thrown instanceof FileError && thrown.code === 'held')) throw thrown;
      out = nextFree('runs/songbook');
    }
  }
  if (exitCode === EXIT.ok) {
    terminal.say('\nNext:');
    terminal.say(`  another piece:         npx etude generate ${quoted(out)} --out new.mid --seed 7`);
    terminal.say('  your own MIDI files:   npx etude train MUSIC --out runs/mine');
  }
  return exitCode;
};

/** The first of `base-1`, `base-2` and so on that is not there. */
export function nextFree(base: string): string {
  for (let number = 1; ; number++) {
    const candidate = `${base}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}
