import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelShareOfStep, watchEngine, type EpochRow } from '../../../bench/epoch.ts';
import { summarise } from '../../../bench/timing.ts';
import { createTrainingRun, prepareData, resolveSettings } from '../../music/index.ts';
import { digits, percent } from '../../text/numbers.ts';
import { figure, words } from '../../text/table.ts';
import { counted } from '../../text/words.ts';
import { LogFile } from '../log-file.ts';
import { createRunFolder, runPaths } from '../run-folder.ts';
import { Terminal } from '../terminal.ts';
import { readMusic } from '../train/read-music.ts';
import { RunRecorder } from '../train/recorder.ts';
import type { Live } from './live.ts';
import { sourcesOf } from './load.ts';
import type { BenchCall, BenchReport } from './report.ts';
import { oneBackend } from './what-is-measured.ts';

const FILES = 10;
/** Steps in which the kernels' part of a step is measured, unless the epoch has fewer. */
const STEPS = 50;

/** `etude bench epoch`: an epoch of the tutorial preset as `etude train` runs it, with its bar on a terminal, its log and its checkpoints. */
export async function epoch(call: BenchCall, live: Live): Promise<BenchReport> {
  const { options, terminal } = call;
  const { threads = 'auto', files = FILES, steps } = options;
  const backend = oneBackend(options);
  const settings = resolveSettings('tutorial', { files, epochs: 1, stepsPerEpoch: steps ?? null });
  live.stage('Reading the music');
  const corpus = await readMusic({ sources: sourcesOf(call), settings }, terminal);
  const data = prepareData(corpus, settings);
  const folder = mkdtempSync(join(tmpdir(), 'etude-bench-'));
  const paths = runPaths(folder);
  createRunFolder(folder);
  const recorder = new RunRecorder({
    terminal: new Terminal({ ...terminal.io, stdout: SINK, stderr: SINK }),
    paths,
    log: new LogFile(paths.log),
    heads: data.spec.heads.map(({ name }) => name),
    sampleNotes: 120,
    seed: settings.seed,
  });
  const { engine, trainer } = await createTrainingRun(data, settings, 'tutorial', { backend, threads }, recorder);
  try {
    live.stage('Training for an epoch');
    const watch = watchEngine(engine);
    const begin = performance.now();
    const { step } = await trainer.run();
    const total = performance.now() - begin;
    const engineShare = watch.milliseconds / total;
    live.stage('Measuring the kernels of a training step');
    const ofStep = await kernelShareOfStep(backend, Math.min(STEPS, step));
    const row: EpochRow = {
      id: `an epoch of ${counted(data.trainPieces.length, 'file')}, tutorial preset, ${engine.name}`,
      ...summarise(watch.steps),
      engine: engine.name,
      files: data.trainPieces.length,
      steps: step,
      seconds: total / 1000,
      engineShare,
      kernelShareOfStep: ofStep,
      kernelShare: engineShare * ofStep,
    };
    show(row, live);
    return { rows: [row], notes: [] };
  } finally {
    recorder.stop();
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A terminal that takes everything, colours and redrawing included. */
const SINK = { write: () => true, isTTY: true, columns: 120 };

function show(row: EpochRow, live: Live): void {
  const { engine, files, steps, seconds, medianMs, engineShare, kernelShareOfStep: ofStep, kernelShare } = row;
  live.table([
    words('An epoch on', engine.length),
    figure('files'),
    figure('steps'),
    figure('seconds'),
    figure('ms/step'),
    figure('in the engine'),
    figure('of a step in the kernels'),
    figure('in the kernels'),
  ]);
  live.row(row, [
    engine,
    String(files),
    String(steps),
    digits(seconds),
    digits(medianMs),
    percent(engineShare),
    percent(ofStep),
    percent(kernelShare),
  ]);
}
