import { noteName } from '../../src/midi/index.ts';
import { HeapArena, ReferenceKernels } from '../../src/tensor/index.ts';
import type { CellBackward } from './cell-backward.ts';
import { EXAMPLE, type CellForward } from './cell-forward.ts';
import { columns, fenced, fixed, significant, table } from './format.ts';
import { firstSteps } from './learning.ts';
import { counted } from '../../src/text/words.ts';
import { CELL_LAGS } from './cells.ts';
import type { Lesson } from './lesson.ts';
import type { Measurements } from './measure.ts';
import { halfLife } from './memory.ts';

/** The tables and worked examples of the lesson, by the names of their markers. */
export function lessonBlocks(lesson: Lesson, measured: Measurements): Record<string, string> {
  const { forward, backward } = measured;
  return {
    'song-numbers': songNumbers(lesson),
    'cell-sums': cellSums(lesson, forward),
    'cell-state': cellState(forward),
    'likeliest-pitches': likeliestPitches(lesson),
    'pressure-numbers': pressureNumbers(),
    'backward-numbers': backwardNumbers(forward, backward),
    'backward-checks': backwardChecks(backward),
    'half-lives': halfLives(),
    'cells-gradient': cellsTable(measured),
    'first-steps': stepsTable(lesson),
    'unit-costs': costsTable(measured),
  };
}

/** The first notes as notes, as what goes in, and as what has to come out. */
function songNumbers({ notes, song }: Lesson): string {
  const rows = Array.from({ length: 9 }, (_, k) => [
    String(k + 1),
    noteName(notes.pitch[k]),
    fixed(notes.step[k], 3),
    fixed(notes.duration[k], 3),
    `${song.categories[0][k]}`,
    fixed(song.features[2 * k], 3),
    fixed(song.features[2 * k + 1], 3),
    `${song.targets.pitch[k]}, ${song.targets.step[k]}, ${song.targets.duration[k]}`,
  ]);
  const titles = ['note', 'key', 'step (s)', 'duration (s)', 'in: pitch', 'in: step', 'in: duration', 'target classes: pitch, step, duration']; // prettier-ignore
  return table(titles, rows);
}

function cellSums({ notes, model }: Lesson, { gates }: CellForward): string {
  const key = noteName(notes.pitch[EXAMPLE.step]);
  const titles = [
    '',
    'bias',
    `+ pitch ${key}`,
    ...model.spec.inputs.features.map((name) => `+ ${name}`),
    "+ Σ h'·U",
    '= z',
    '',
  ];
  const rows = gates.map(({ gate, bias, pitch, features, recurrent, z, activation }) => [
    `z${gate}`,
    ...[bias, pitch, ...features, recurrent, z].map((value) => fixed(value, 4)),
    `${gate} = ${gate === 'g' ? 'tanh' : 'σ'}(z) = ${fixed(activation, 4).padStart(7)}`,
  ]);
  return fenced(columns([titles, ...rows]));
}

function cellState({ gates, cPrev, c, tanhC, h }: CellForward): string {
  const [i, f, g, o] = gates.map(({ activation }) => fixed(activation, 4));
  return fenced(
    [
      `c = f·c' + i·g = ${f} · (${fixed(cPrev, 4)}) + ${i} · ${g} = ${fixed(c, 4)}`,
      `h = o·tanh(c)  = ${o} · (${fixed(tanhC, 4)}) = ${fixed(h, 4)}`,
    ].join('\n'),
  );
}

function likeliestPitches({ recording, song }: Lesson): string {
  const { probabilities, size } = recording.heads[0];
  const { step } = EXAMPLE;
  const row = Array.from(probabilities!.slice(step * size, (step + 1) * size), (p, pitch) => ({ p, pitch }));
  const next = song.targets.pitch[step + 1];
  const shown = row.toSorted((a, b) => b.p - a.p).filter(({ pitch }, rank) => rank < 5 || pitch === next);
  return table(
    ['pitch', 'probability p', '-ln p', 'dL/dlogit = p − onehot'],
    shown.map(({ p, pitch }) => [
      `${noteName(pitch)}${pitch === next ? ', which came' : ''}`,
      fixed(p, 4),
      fixed(-Math.log(p), 3),
      fixed(p - (pitch === next ? 1 : 0), 4),
    ]),
  );
}

/** What the loss of times says to five predictions of a step of 0.05 s, by the kernels themselves. */
function pressureNumbers(): string {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const [p, target, d] = [0, 1, 2].map(() => kernels.arena.tensor([1]));
  target.data[0] = 0.05;
  const run = (prediction: number, pressure: number): [loss: number, gradient: number] => {
    p.data[0] = prediction;
    kernels.fill(d, 0);
    const loss = kernels.mseWithPositivePressure(p, target, pressure);
    kernels.mseWithPositivePressureBackward(d, p, target, pressure, 1);
    return [loss, d.data[0]];
  };
  const rows = [0.15, 0.05, 0.01, -0.01, -0.05].map((prediction) => {
    const [plain, pressed] = [run(prediction, 0), run(prediction, 10)];
    return [prediction, plain[0], plain[1], pressed[0], pressed[1]].map((value) => fixed(value, 4));
  });
  return table(['prediction p (s)', 'squared error', 'its slope', 'with pressure 10', 'its slope'], rows);
}

function backwardNumbers({ gates, cPrev, tanhC }: CellForward, back: CellBackward): string {
  const [i, f, g, o] = gates.map(({ activation }) => activation);
  const n = (value: number): string => (value < 0 ? `(${significant(value, 4)})` : significant(value, 4));
  const line = (name: string, formula: string, numbers: string, result: number): string =>
    `${name.padEnd(7)}= ${formula.padEnd(23)}= ${numbers} = ${significant(result, 4)}`;
  const { dh, dcLater, dc, dz } = back;
  return fenced(
    [
      line('dc', 'dc_later + dh·o·(1−t²)', `${n(dcLater)} + ${n(dh)} · ${n(o)} · ${n(1 - tanhC ** 2)}`, dc),
      line('dz_i', 'dc·g·i(1−i)', `${n(dc)} · ${n(g)} · ${n(i * (1 - i))}`, dz.i),
      line('dz_f', "dc·c'·f(1−f)", `${n(dc)} · ${n(cPrev)} · ${n(f * (1 - f))}`, dz.f),
      line('dz_g', 'dc·i·(1−g²)', `${n(dc)} · ${n(i)} · ${n(1 - g * g)}`, dz.g),
      line('dz_o', 'dh·t·o(1−o)', `${n(dh)} · ${n(tanhC)} · ${n(o * (1 - o))}`, dz.o),
      line("dc'", 'dc·f', `${n(dc)} · ${n(f)}`, back.dcPrev),
    ].join('\n'),
  );
}

function backwardChecks({ checks }: CellBackward): string {
  return table(
    ['derivative', 'by the chain rule', 'by nudging', 'they differ by a part of'],
    checks.map(({ what, chain, differences }) => [
      what,
      significant(chain, 5),
      significant(differences, 5),
      // Rounding noise, which no two machines share: the bound that holds, not the figure.
      Math.abs(chain - differences) <= 1e-6 * Math.abs(chain) ? 'less than 1e-6' : 'MORE THAN 1e-6',
    ]),
  );
}

function halfLives(): string {
  const gates = [0.5, 0.7, 0.9, 0.95, 0.99, 0.999];
  return table(
    ['forget gate held at', ...gates.map(String)],
    [['notes until half is forgotten', ...gates.map((f) => significant(halfLife(f), 3))]],
  );
}

function cellsTable({ cells }: Measurements): string {
  return table(
    ['cell', 'loss on the song', 'the gradient of', ...CELL_LAGS.map((lag) => `left after ${counted(lag, 'note')}`)],
    cells.map(({ title, loss, state, left }) => [
      title,
      fixed(loss, 2),
      state,
      ...CELL_LAGS.map((lag) => significant(left[lag], 2)),
    ]),
  );
}

function stepsTable(lesson: Lesson): string {
  return table(
    ['training step', 'loss', 'norm of the gradient', 'clipped by', 'g', 'm', 'v', 'the weight moves by'],
    firstSteps(lesson, 4).map(({ step, loss, norm, factor, g, m, v, move }) => [
      String(step),
      fixed(loss, 3),
      fixed(norm, 3),
      fixed(factor, 3),
      significant(g, 3),
      significant(m, 3),
      significant(v, 3),
      significant(move, 3),
    ]),
  );
}

function costsTable({ spans, costs }: Measurements): string {
  const row = ({ unit, cost }: { unit: number; cost: number }, rank: number): string[] => {
    const { steps, atLeastSteps } = spans[unit];
    return [
      `${rank + 1}`,
      `${unit + 1}`,
      `+${fixed(cost, 2)}`,
      steps === null ? `over ${atLeastSteps}` : String(steps),
    ];
  };
  const rows = costs.map(row);
  return table(
    ['rank', 'unit', 'loss without it (nats)', 'memory span (notes)'],
    [...rows.slice(0, 5), rows[rows.length - 1]],
  );
}
