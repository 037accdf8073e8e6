import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSettings, type Settings } from '../../music/index.ts';
import type { ActionOf } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { demo as words } from '../model-commands-table.ts';
import { echoOf } from '../options.ts';
import { songbookFolder } from '../package-folder.ts';
import { checkRunFolder } from '../run-folder.ts';
import { givenSettings, overridesFrom } from '../setting-options.ts';
import { SAMPLE_NOTES } from '../train/run-config.ts';
import { trainAndReport } from './train.ts';

/** How the quick preset is set for a corpus as small as the songbook, and for a minute. */
const FOR_THE_SONGBOOK: Partial<Settings> = {
  transpose: 5,
  tempo: 0.1,
};

/** `etude demo`: the whole road on the songbook. */
export const demo: ActionOf<typeof words> = async ({ options, terminal }) => {
  const { force, backend, threads, soundfont } = options;
  const out = options.out ?? nextFree('runs/songbook');
  const settings = resolveSettings('quick', { ...FOR_THE_SONGBOOK, ...overridesFrom(givenSettings(options)) });
  checkRunFolder(out, { force });
  terminal.say('Etude learns the songbook that comes with it: a minute or two. Ctrl-C saves and stops.\n');
  const plan = {
    out,
    preset: 'quick',
    settings,
    given: echoOf({ ...FOR_THE_SONGBOOK, ...givenSettings(options) }),
    sources: [songbookFolder()],
    backend,
    threads,
    sampleNotes: SAMPLE_NOTES,
  };
  const exitCode = await trainAndReport(plan, { listen: true, soundfont }, terminal);
  if (exitCode === EXIT.ok) {
    terminal.say('\nNext:');
    terminal.say(`  npx etude generate ${out} --out new.mid --seed 7 --temperature 0.8   another piece`);
    terminal.say('  npx etude train MUSIC --out runs/mine                                your own MIDI files');
  }
  return exitCode;
};

/** The first of `base-1`, `base-2` and so on that is not there. */
export function nextFree(base: string): string {
  for (let number = 1; ; number++) {
    const candidate = `${base}-${number}`;
    if (!existsSync(join(candidate))) return candidate;
  }
}
