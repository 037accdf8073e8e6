const NAMES: Readonly<Record<string, string>> = {
  pitchClass: 'pitch class',
  step: 'time since the note before',
  place: 'place in the bar',
  meter: 'time signature',
};

/** What an input of the network is called in sentences. */
export function inputName(input: string): string {
  return NAMES[input] ?? input;
}
