import { existsSync } from 'node:fs';
import { resolveSettings, type Settings } from '../../music/index.ts';
import type { ActionOf } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { demo as words } from '../model-commands-table.ts';
import { songbookFolder } from '../package-folder.ts';
import { checkRunFolder } from '../run-folder.ts';
import { givenSettings, overridesFrom } from '../setting-options.ts';
import { quoted } from '../table.ts';
import { trainAndReport } from './train.ts';

/** How the quick preset is set for a corpus as small as the songbook, and for a minute on two cores. */
const FOR_THE_SONGBOOK: Partial<Settings> = {
  transpose: 6, // Every melody in every key: 24 pieces are few, and held-back ones stand in keys of their own.
  tempo: 0.1, // Each piece has its own tempo; without copies the rhythms of one say nothing about those of another.
  bins: 16, // For the same reason wider classes: a quarter is a quarter at 100 and at 120 to the minute.
  dropout: 0.3, // Better than 0.1 on what was held back, with two seeds: there is little music to learn by heart.

  stepsPerEpoch: 125, // The copies are 400,000 windows; look often.
  epochs: 10,
  schedule: 'cosine', // The time is set, not the loss: slow down towards its end.
  learningRate: 0.01, // The best of 0.004, 0.008, 0.01 and 0.015 within these 1,250 steps.
  clip: 5, // A norm of 1 clips nearly every step here and costs a third of a nat.
};

/** Half a minute of music: the songbook has two hands. */
const DEMO_NOTES = 240;

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
    sources: [songbookFolder()],
    backend,
    threads,
    sampleNotes: DEMO_NOTES,
  };
  const exitCode = await trainAndReport(plan, { listen: true, soundfont }, terminal);
  if (exitCode === EXIT.ok) {
    terminal.say('\nNext:');
    terminal.say(`  another piece:         npx etude generate ${quoted(out)} --out new.mid --seed 7 --temperature 0.8`);
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
