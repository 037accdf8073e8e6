const NAMES: Readonly<Record<string, string>> = { step: 'time to the next note' };

/** What a head is called where people read it: its name, but for `step`, which is that of JSON and flags. */
export function headName(name: string): string {
  return NAMES[name] ?? name;
}

/** What a head was told of the same note: ` given the time to the next note and pitch`; nothing for one that knows the past alone. */
export function givenWords(reads: readonly string[]): string {
  if (reads.length === 0) return '';
  const names = reads.map(headName);
  const last = names.pop()!;
  return ` given the ${names.length > 0 ? `${names.join(', ')} and ${last}` : last}`;
}
