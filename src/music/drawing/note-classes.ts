import type { Codec, HeadName, NoteEvent } from '../../midi/index.ts';
import type { NoteClasses } from '../memory/index.ts';

/** The heads of a codec that draw classes, in their order. */
export function classHeads({ heads }: Codec): HeadName[] {
  return heads.flatMap(({ name, kind }) => (kind === 'categorical' ? [name] : []));
}

/** A note as the classes of a codec; what the codec has as numbers is left out. */
export function noteClasses(codec: Codec, note: NoteEvent): NoteClasses {
  const values = new Float64Array(codec.heads.length);
  codec.valuesOf(note, values);
  const entries = codec.heads.flatMap(({ name, kind }, k) =>
    kind === 'categorical' ? [[name, values[k]] as const] : [],
  );
  return Object.fromEntries(entries) as unknown as NoteClasses;
}
