const NAMES: Readonly<Record<string, string>> = {
  pitchClass: 'pitch class',
  place: 'place in the bar',
  meter: 'time signature',
};

/** What an input of the network is called in sentences. */
export function inputName(input: string): string {
  return NAMES[input] ?? input;
}
