import { AUTO, choosePreset, howTimeIsCounted, settleChoice, type Settings } from '../../music/index.ts';
import type { Corpus } from '../../midi/index.ts';
import type { Terminal } from '../terminal.ts';
import { readMusic, warnOfDrums } from './read-music.ts';
import type { TrainingPlan } from './training-plan.ts';

/** A plan whose preset may yet have to be chosen: `preset` is then `auto`, and `given` the settings that the user gave. */
export interface OpenPlan extends TrainingPlan {
  given?: Partial<Settings>;
}

/** A plan in which nothing is open, and the music that it was settled on. */
export interface SettledPlan {
  plan: TrainingPlan;
  corpus: Corpus;
  /** What was chosen and why, a sentence each; none where the user said it all. */
  why: string[];
}

/**
 * Reads the music, and settles by it what the user left open: the preset, and how time is counted.
 * @throws InterruptedError, DataError, UsageError
 */
export async function settlePlan({ given = {}, ...open }: OpenPlan, terminal: Terminal): Promise<SettledPlan> {
  const signal = terminal.interrupts('stopping');
  const corpus = await readMusic({ ...open, signal }, terminal);
  const settled = open.preset === AUTO ? settleChoice(choosePreset(corpus.pieces, given), given) : undefined;
  const plan = settled ? { ...open, preset: settled.preset, settings: settled.settings } : open;
  warnOfDrums(plan.settings, corpus, terminal);
  return { plan, corpus, why: settled?.why ?? describeTime(open.settings, corpus) };
}

/** How time is counted, where that was left to the music. */
function describeTime({ time }: Settings, { pieces }: Corpus): string[] {
  if (time !== AUTO) return [];
  const { time: counted, onGrid } = howTimeIsCounted(pieces);
  return [`Time is counted in ${counted}: ${(100 * onGrid).toFixed(0)} % of the onsets lie on a beat grid.`];
}
