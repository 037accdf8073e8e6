import { UsageError } from '../errors.ts';
import { programsNamed } from '../midi/general-midi.ts';
import type { OutputInstrument } from '../music/output.ts';
import type { OptionSpec } from './options.ts';

/** What plays the music that is written. */
export const OUTPUT_INSTRUMENT: OptionSpec<OutputInstrument | undefined> = {
  value: 'which',
  help: 'the instrument of the result: 0 to 127, a General MIDI name such as violin, or drums (default: what the model learned)',
  parse: parseOutputInstrument,
};

function parseOutputInstrument(given: string): OutputInstrument {
  if (given.toLowerCase() === 'drums') return { program: 0, isDrum: true };
  if (/^\d+$/.test(given) && Number(given) <= 127) return { program: Number(given), isDrum: false };
  const named = /^[-+]?\d+$/.test(given) ? [] : programsNamed(given);
  if (named.length > 0) return { program: named[0], isDrum: false };
  throw new UsageError('Expected a program from 0 to 127, a General MIDI name such as violin, or drums.');
}
