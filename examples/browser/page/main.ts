/**
 * A page that trains: the songbook, the `quick` preset, the engine on WebGPU or WebGL2 through gpu.js, or on SIMD.
 *
 *     npm run example:page
 */
import type { StepReport } from 'etude-lstm/nn';
import { drawCurve } from './loss-curve.ts';
import { prepareRun, type Choice, type SongbookPiece } from './training.ts';

const find = <T extends Element>(id: string): T => document.querySelector<T>(`#${id}`)!;
const [start, stop] = [find<HTMLButtonElement>('start'), find<HTMLButtonElement>('stop')];
const [status, fallback] = [find('status'), find('fallback')];
const valueOf = (id: string): string => find<HTMLSelectElement>(id).value;

/** What is shown of a step. */
const FIGURES = ['step', 'loss', 'pitch', 'time', 'duration', 'speed'] as const;
/** Steps over which the speed is a mean. */
const RECENT = 32;

let stopping: AbortController | undefined;
stop.addEventListener('click', () => stopping?.abort());
find('choice').addEventListener('submit', (event) => {
  event.preventDefault();
  void train({
    backend: valueOf('backend'),
    hiddenSize: Number(valueOf('hidden-size')),
    batchSize: Number(valueOf('batch-size')),
  });
});

/** Trains until the run is over or the reader stops it. */
async function train(choice: Choice): Promise<void> {
  stopping = new AbortController();
  setRunning(true);
  fallback.textContent = '';
  status.textContent = 'Preparing …';
  for (const id of FIGURES) find(id).textContent = '–';
  try {
    const pieces = (await (await fetch('songbook.json')).json()) as SongbookPiece[];
    const show = display();
    const { run, heads, fallback: reason } = await prepareRun(pieces, choice, (report) => show(report, heads));
    if (reason !== undefined) fallback.textContent = `Training on SIMD instead. ${reason}`;
    try {
      status.textContent = `Training on ${run.engine.name} …`;
      const { reason: why, step } = await run.trainer.run(stopping.signal);
      const ended = why === 'interrupted' ? 'Stopped' : `Over (${why})`;
      status.textContent = `${ended} after ${step} steps on ${run.engine.name}.`;
    } finally {
      await run.engine.dispose();
    }
  } catch (error) {
    status.textContent = 'It does not train.';
    fallback.textContent = error instanceof Error ? error.message : String(error);
  }
  setRunning(false);
}

/** Shows every step: its number, the mean losses of the epoch, the speed, and the curve. */
function display(): (report: StepReport, heads: readonly string[]) => void {
  const losses: number[] = [];
  const times = [performance.now()];
  return ({ step, loss, meanLoss, meanLosses }, heads) => {
    losses.push(loss);
    times.push(performance.now());
    if (times.length > RECENT + 1) times.shift();
    const ofHead = (name: string): string => meanLosses[heads.indexOf(name)].toFixed(3);
    const shown: Record<(typeof FIGURES)[number], string> = {
      step: String(step),
      loss: meanLoss.toFixed(3),
      pitch: ofHead('pitch'),
      time: ofHead('step'),
      duration: ofHead('duration'),
      speed: ((times.at(-1)! - times[0]) / (times.length - 1)).toPrecision(3),
    };
    for (const [id, text] of Object.entries(shown)) find(id).textContent = text;
    drawCurve(find<SVGSVGElement>('curve'), losses);
  };
}

function setRunning(running: boolean): void {
  start.disabled = running;
  stop.disabled = !running;
}
