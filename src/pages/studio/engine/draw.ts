import type { NoteEvent } from '../../../midi/table.ts';
import type { Timing } from '../../../midi/types.ts';
import {
  canRecall,
  generateNotes,
  instrumentOf,
  midiOf,
  noteEvents,
  prepareTable,
  primerFromText,
  tableOfEvents,
  usualLength,
  usualPrimer,
  type MusicModel,
  type Origin,
} from '../../../music/index.ts';
import { loadKernels } from '../../../tensor/index.ts';
import type { CopyOrigin, Drawn, EngineEvents, PlayRequest } from '../protocol.ts';
import type { Session } from './session.ts';

/**
 * Draws music as `etude generate` does: the same model, options and seed give the same bytes.
 * @param tell told each note as soon as it is drawn
 */
export async function draw(
  session: Session,
  request: PlayRequest,
  tell: (news: EngineEvents['drawn']) => void,
): Promise<Drawn> {
  const model = await session.model();
  const { seconds, tempo, seed, temperature, timeTemperature, topK, topP, recall, budget } = request;
  const asked = request.notes ?? usualLength(model);
  const primer = primerOf(session, model, request) ?? usualPrimer(model).notes;
  /** For each draw the place of its note. */
  const places: number[] = [];
  const { notes, played, probabilities, beats, ended } = generateNotes(model, {
    ...(seconds === null ? { notes: asked } : { seconds }),
    ...(tempo !== null && model.codec.spec.beats && { tempo }),
    seed,
    temperature,
    timeTemperature,
    temperatures: sampledHeads(model, request.temperatures),
    topK,
    topP,
    recall: canRecall(model.codec)
      ? { ...(recall !== null && { recall }), ...(budget !== null && { budget }) }
      : undefined,
    primer,
    kernels: await loadKernels(),
    onNote(_, total, { note, index, cut, probability, origin }) {
      places.push(index);
      // The worker's message is a copy; a listener in this thread would see the note change.
      const news = { note: { ...note }, index, cut, probability, total: asked === 'auto' ? Infinity : total };
      tell(origin ? { ...news, origin: placeOf(origin, primer.length, places) } : news);
    },
  });
  const instrument = instrumentOf(model);
  return {
    notes,
    played,
    probabilities,
    midi: midiOf(played, instrument, beats),
    ...instrument,
    ended: asked === 'auto' && ended === 'notes' ? 'limit' : ended,
  };
}

/** The memory counts from the first note of the primer, and every draw; the page counts notes. */
function placeOf({ note, transposed, share }: Origin, primer: number, places: readonly number[]): CopyOrigin {
  const [among, place] = note < primer ? (['primer', note] as const) : (['drawn', places[note - primer]] as const);
  return { among, note: place, transposed, share };
}

/** Temperatures of heads that this model draws from; those of numbers would be refused. */
function sampledHeads({ spec }: MusicModel, given: PlayRequest['temperatures']): PlayRequest['temperatures'] {
  const sampled = spec.heads.filter(({ kind }) => kind === 'categorical').map(({ name }) => name);
  return Object.fromEntries(Object.entries(given).filter(([name]) => sampled.includes(name)));
}

function primerOf(
  session: Session,
  model: MusicModel,
  { primer, typed, played, tempo }: PlayRequest,
): NoteEvent[] | undefined {
  const { settings } = model;
  if (played)
    return noteEvents(prepareTable({ table: tableOfEvents(played), timing: timingOf(model, tempo) }, settings));
  if (typed !== undefined) return primerFromText(typed, { model });
  return primer === undefined ? undefined : noteEvents(session.piece(primer, settings).table, settings.seqLength);
}

/** How a model that counts beats takes what is played to it: in the tempo of its answer, the first note on a first beat. */
function timingOf({ codec }: MusicModel, tempo: number | null): Timing | undefined {
  const { beats } = codec.spec;
  return beats && { tempo: [[0, tempo ?? beats.tempo]], meter: [[0, ...beats.meters[0]]] };
}
