import { NO_FREQUENCIES } from '../music/evaluation/describe.ts';
import { describeOverfitting, describeRemedies, overfittingOf } from '../music/evaluation/overfitting.ts';
import { BASELINE, guessOf, lossWords, standingOf, standingWords } from '../music/evaluation/standing.ts';
import { headName } from '../music/head-words.ts';
import type { MusicModel } from '../music/music-model.ts';
import { digits } from '../text/numbers.ts';
import { counted } from '../text/words.ts';
import type { StudyHead, StudyHeldOut, StudyVerdict } from './study-data.ts';

/** A loss on the song below this part of that on held-out music is worth a word. */
const CLEARLY_LESS = 0.9;
/** What a song without frequencies of the training pieces is compared with. */
const OWN = "the song's own frequencies, which no model can know in advance";

/**
 * What is to be known before any finding: whether the model beats a fair baseline, on this song and on held-out music; whether it
 * was trained on the song; whether it overfitted, and what to do about it.
 * @param digest of the song's file
 */
export function verdictOf(model: MusicModel, heads: readonly StudyHead[], digest?: string): StudyVerdict {
  const song = whereIs(digest, model);
  const heldOut = heldOutOf(model);
  const lines = [
    `${onTheSong(heads)} ${onHeldOut(heldOut, model)}`,
    ...familiarity(song, heads, heldOut),
    ...amiss(model, heldOut),
  ];
  return { lines, song, heldOut };
}

function onTheSong(heads: readonly StudyHead[]): string {
  const known = heads.every(({ baselineFrom }) => baselineFrom === 'training');
  if (heads.some(({ loss }) => !Number.isFinite(loss)))
    return 'Nothing can be said of how well the model predicts this song.';
  if (known) return `On this song the model ${standingWords(heads, BASELINE)}.`;
  return `${NO_FREQUENCIES} Compared instead with ${OWN}: on this song the model ${standingWords(heads, 'those')}.`;
}

function onHeldOut(heldOut: StudyHeldOut | null, { data, history }: MusicModel): string {
  if (!heldOut) {
    const why =
      history.length > 0 || data.validation.length === 0 ? 'nothing was held back from training' : 'its file has no validation losses'; // prettier-ignore
    return `How well it does on music that it has not seen is not known: ${why}.`;
  }
  const music = heldOut.pieces === null ? 'the held-out end of its piece' : `held-out music (${counted(heldOut.pieces, 'validation piece')})`; // prettier-ignore
  if (heldOut.heads.every(({ baseline }) => baseline === null)) {
    return `On ${music} its losses were ${lossWords(heldOut.heads)}; what the baseline costs there is not in its file.`;
  }
  const judged = heldOut.heads.map((head) => ({ ...head, standing: standingOf(head) }));
  return `On ${music} it ${standingWords(judged, 'the same baseline')}.`;
}

/** What having been trained on the song means for what follows. */
function familiarity(song: StudyVerdict['song'], heads: readonly StudyHead[], heldOut: StudyHeldOut | null): string[] {
  const there = heads.flatMap(({ name, unit, loss }) => {
    const elsewhere = heldOut?.heads.find((head) => head.name === name);
    return elsewhere && loss < CLEARLY_LESS * elsewhere.loss ? [`${headName(name)} ${digits(loss)} against ${digits(elsewhere.loss)}${unit === 'nats' ? ' nats' : ''}`] : []; // prettier-ignore
  });
  const better = there.length === 0 ? '' : ` It predicts this song better than held-out music: ${there.join(', ')}.`;
  const remembers = 'what follows shows what it remembers, not what it generalizes to. Study a song that it has not seen as well.'; // prettier-ignore
  switch (song) {
    case 'training':
      return [`This song was in the training music: ${remembers}${better}`];
    case 'both':
      return [`The model was trained on this song but for its end: ${remembers}${better}`];
    case 'origin':
      return [`This song was in the music of the model that this one began with: ${remembers}${better}`];
    case 'validation':
      return [
        'This song was held out for validation: it was not trained on, but the kept weights were chosen by their loss on it.',
      ];
    default:
      return [];
  }
}

/** Names overfitting; says what to do where there is some, or held-out music is predicted no better than by the baseline. */
function amiss({ history, epoch, settings, data }: MusicModel, heldOut: StudyHeldOut | null): string[] {
  const found = overfittingOf(history, epoch);
  const failed = heldOut?.heads.some((head) => standingOf(head) === 'no better') ?? false;
  if (!found && !failed) return [];
  const situation = {
    trainingPieces: data.train.length,
    rising: found?.rising,
    learning: !found && history.at(-1)?.epoch === epoch,
  };
  return [...(found ? [describeOverfitting(found)] : []), describeRemedies(settings, situation)];
}

/** Whether the model has seen the song's file. */
function whereIs(digest: string | undefined, { data, from }: MusicModel): StudyVerdict['song'] {
  if (digest === undefined || data.train.length === 0) return 'unknown';
  const [trained, validated] = [data.train.includes(digest), data.validation.includes(digest)];
  if (trained) return validated ? 'both' : 'training';
  if (validated) return 'validation';
  return from?.trainedOn.includes(digest) ? 'origin' : 'new';
}

/** The losses at the end of the epoch that has these weights; null where the file has none. */
function heldOutOf({ spec, history, epoch, data, heldOutBaseline }: MusicModel): StudyHeldOut | null {
  const record = history.find((each) => each.epoch === epoch);
  if (!record?.validation) return null;
  const { losses } = record.validation;
  const within = data.validation.some((digest) => data.train.includes(digest));
  return {
    epoch: record.epoch,
    pieces: within ? null : data.validation.length,
    heads: spec.heads.map((head) => ({
      name: head.name,
      unit: head.kind === 'categorical' ? 'nats' : 'squared error',
      training: record.losses[head.name],
      loss: losses[head.name],
      baseline: heldOutBaseline?.[head.name] ?? null,
      ...guessOf(head),
    })),
  };
}
