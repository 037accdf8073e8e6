import type { StudyData } from '../../../study/study-data.ts';

/** How it stands with the details (heat maps, saliency, path, gradient) of the chosen note. */
export type DetailsState =
  /** The page has them, or they are in another file. */
  | { state: 'here' }
  /** The server was asked for them. */
  | { state: 'loading'; note: number }
  /** It did not give them. */
  | { state: 'failed'; note: number; why: string };

type Told = Pick<StudyData, 'detail' | 'song'> & { layers: readonly Pick<StudyData['layers'][number], 'overview'>[] };

/** Of which notes the page has details, and where those of others are; nothing where it has them of all. Notes count from 1. */
export function detailsSentence({ detail, song, layers }: Told, served: boolean): string {
  if (detail.from === 0 && detail.to >= song.notes) return '';
  const means = layers.find(({ overview }) => overview)?.overview?.notesPerColumn;
  const others =
    means === undefined ? 'nothing is known of the others' : `elsewhere the heat maps show averages of ${means} notes`;
  const here = `notes ${detail.from + 1} to ${detail.to}`;
  if (served)
    return `Heat maps, saliency, path and gradient cover ${here}; ${others}. Select any other note to fetch the details around it. `;
  return `In this file heat maps, saliency, path and gradient cover ${here}; ${others}. For the rest, run ${elsewhere(detail, song.notes)}. `;
}

/** What a file says in the place of a note's details that it does not hold. */
export function missingSentence({ detail, song }: Pick<StudyData, 'detail' | 'song'>, note: number): string {
  const from = Math.max(1, note + 1 - Math.floor((detail.to - detail.from) / 2));
  return `This file has the details of notes ${detail.from + 1} to ${detail.to} of ${song.notes}. For those of this note, run ${command(from)}.`;
}

/** How the other details can be had: those that begin where these end, or all. */
function elsewhere({ from, to }: StudyData['detail'], notes: number): string {
  return command(to < notes ? to + 1 : Math.max(1, from + 1 - (to - from)));
}

function command(from: number): string {
  return `"etude study … --from ${from}" or "etude study … --serve"`;
}

/** What is said while details are being fetched, or when that failed; undefined where there is nothing to say. */
export function stateSentence(details: DetailsState): string | undefined {
  if (details.state === 'here') return undefined;
  if (details.state === 'loading') return `Fetching the details of the notes around note ${details.note + 1} …`;
  return `The details of note ${details.note + 1} could not be fetched: ${details.why}`;
}
