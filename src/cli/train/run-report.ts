import { GENERATION_SAMPLING, SETTINGS, resolveSettings, windowsOfStep } from '../../music/index.ts';
import type { Piece } from '../../midi/index.ts';
import type { Fact, ReportData, SampleData, SettingRow } from '../../pages/report/report-data.ts';
import { etudeVersion } from '../../package-folder.ts';
import { describeQuality } from '../../music/evaluation/quality.ts';
import { counted, formatCount, formatSeconds } from '../../text/words.ts';
import { RUN_FILES } from '../run-folder.ts';
import { settingText } from '../../music/setting-words.ts';
import { judged, type FinishedRun } from './finished-run.ts';
import { describeCorpus, describeSplit } from './read-music.ts';
import { describeRounds } from './rounds-plan.ts';
import { roundRows } from './rounds-record.ts';
import { describeModel, describeSettings } from './run-training.ts';
import { describeMusic, describeNotes } from './sample.ts';
import { describeEnding, describeStanding } from './verdict.ts';

/** The stretches of the data that are compared with a run that has no sample. */
const USUAL_LENGTH = 120;

/** All that the page of a run shows. */
export function reportOf(run: FinishedRun): ReportData {
  const { plan, data, result, evaluation, evaluatedOn, whole, sample, generated } = run;
  const { preset } = plan;
  const asked = { heads: evaluation.heads, windows: evaluation.windows, music: evaluatedOn.music };
  return {
    title: `${preset} on ${counted(data.trainPieces.length, 'piece')}`,
    verdict: [...describeStanding(judged(run)), describeEnding(result), describeQuality(asked)].filter(
      (text) => text !== '',
    ),
    facts: factsOf(run),
    history: result.history,
    bestEpoch: result.best?.epoch ?? null,
    heads: evaluation.heads,
    note: evaluation.note,
    whole,
    generated,
    sample: sample && sampleData(run, sample),
    data: describeMusic('the training data', heardPieces(run), sample?.notes.length ?? USUAL_LENGTH),
    settings: settingRows(run),
  };
}

/** The training pieces in seconds: as the model hears them, or where it counts beats at their own tempos. */
function heardPieces({ corpus, data }: FinishedRun): readonly Piece[] {
  if (data.time === 'seconds') return data.trainPieces;
  const paths = new Set(data.trainPieces.map(({ path }) => path));
  return corpus.pieces.filter(({ path }) => paths.has(path));
}

function sampleData({ data, audio }: FinishedRun, sample: NonNullable<FinishedRun['sample']>): SampleData {
  const { notes, seed, analysis, primer } = sample;
  const known = data.validation ? 'which it was not trained on' : 'which it was trained on';
  return {
    ...describeNotes('the sample', notes, analysis),
    notes,
    midi: RUN_FILES.generatedMidi,
    audio: audio && RUN_FILES.generatedAudio,
    caption:
      `${counted(notes.length, 'note')} drawn at temperature ${GENERATION_SAMPLING.temperature} with seed ${seed}. ` +
      (primer.notes === 0
        ? 'The model was given no primer.'
        : `The model first heard the opening of “${primer.name}” (${counted(primer.notes, 'note')}), ${known}; that is not in the sample.`),
  };
}

function factsOf({ plan, why, corpus, data, engineName, result, seconds, rounds }: FinishedRun): Fact[] {
  const { settings } = plan;
  const perSecond = seconds > 0 ? `, ${(result.step / seconds).toFixed(1)} steps a second` : '';
  return [
    { label: 'Music', value: `${describeCorpus(corpus)}; ${plan.sources.join(', ')}` },
    ...describeSplit(data, settings).map((value, line) => ({ label: line === 0 ? 'Training' : 'Validation', value })),
    ...(why.length > 0 ? [{ label: 'Chosen', value: why.join(' ') }] : []),
    { label: 'Model', value: describeModel(data, settings) },
    ...(plan.fromPath === undefined ? [] : [{ label: 'From', value: `the weights of ${plan.fromPath}` }]),
    { label: 'Settings', value: describeSettings(plan) },
    { label: 'Engine', value: engineName },
    ...describeRounds(plan.rounds).map((value, line) => ({ label: line === 0 ? 'Machines' : '', value })),
    ...(rounds ? roundRows(rounds).map(([label, value]) => ({ label, value })) : []),
    { label: 'Steps', value: `${formatCount(result.step)} of ${counted(windowsOfStep(settings), 'window')}` },
    { label: 'Time', value: `${formatSeconds(seconds)}${perSecond}` },
    { label: 'Versions', value: `Etude ${etudeVersion()}, Node ${process.version}` },
  ];
}

function settingRows({ plan: { preset, settings } }: FinishedRun): SettingRow[] {
  const original = resolveSettings(preset);
  return SETTINGS.map(({ key }) => {
    const [value, usual] = [settingText(key, settings), settingText(key, original)];
    return { key, value, preset: value === usual ? undefined : usual };
  });
}
