import {
  choosePreset,
  howTimeIsCounted,
  overriding,
  resolveSettings,
  type SettingKey,
  type Settings,
} from '../../music/index.ts';
import type { Corpus } from '../../midi/index.ts';
import type { Terminal } from '../terminal.ts';
import { flagName } from '../options.ts';
import { settingText } from '../setting-options.ts';
import { readMusic, warnOfDrums } from './read-music.ts';
import type { TrainingPlan } from './run-training.ts';

/** The word that stands for the preset that suits the music. */
export const AUTO = 'auto';

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

/** Settings with which music is read before anything is chosen by it. */
export function openSettings(given: Partial<Settings>): Settings {
  return resolveSettings('songbook', { ...given, seqLength: given.seqLength ?? 1 });
}

/**
 * Reads the music, and settles by it what the user left open: the preset, and how time is counted.
 * @throws InterruptedError, DataError, UsageError
 */
export async function settlePlan({ given = {}, ...open }: OpenPlan, terminal: Terminal): Promise<SettledPlan> {
  const signal = terminal.interrupts('stopping');
  const corpus = await readMusic({ ...open, signal }, terminal);
  const { plan, why } =
    open.preset === AUTO ? chosenPlan(open, given, corpus) : { plan: open, why: describeTime(open.settings, corpus) };
  warnOfDrums(plan.settings, corpus, terminal);
  return { plan, corpus, why };
}

/** The plan with the preset that suits the music; what was given stands. */
function chosenPlan(
  open: TrainingPlan,
  given: Partial<Settings>,
  { pieces }: Corpus,
): Pick<SettledPlan, 'plan' | 'why'> {
  const { preset, changes, why } = choosePreset(pieces, given);
  // An end that was given is the end, whatever would be chosen.
  const asked = overriding(given);
  const settings = resolveSettings(preset, { ...changes, ...asked });
  const unless = (Object.keys(changes) as SettingKey[]).filter((key) => key in asked && settings[key] !== changes[key]);
  const kept = unless.length > 0 ? [`As asked, not as chosen: ${unless.map((key) => `${flagName(key)} ${settingText(key, settings)}`).join(', ')}.`] : []; // prettier-ignore
  return { plan: { ...open, preset, settings }, why: [...why, ...kept] };
}

/** How time is counted, where that was left to the music. */
function describeTime({ time }: Settings, { pieces }: Corpus): string[] {
  if (time !== AUTO) return [];
  const { time: counted, onGrid } = howTimeIsCounted(pieces);
  return [`Time is counted in ${counted}: ${(100 * onGrid).toFixed(0)} % of the onsets lie on a grid of beats.`];
}
