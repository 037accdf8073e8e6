import { UsageError } from '../errors.ts';
import {
  cellOf,
  layerWidths,
  opens,
  parameterSpecs,
  type Gate,
  type ModelSpec,
  type NamedArrays,
} from '../nn/index.ts';
import { CORRELATE_WORDS } from './correlate-words.ts';
import { momentsOf } from './statistics/moments.ts';
import type { StudyComparison, StudyUnit, StudyUnitChange } from './study-data.ts';
import { networkInWords } from './network-words.ts';

/** One of the two checkpoints, studied on the same song. */
export interface ComparedModel {
  path: string;
  step: number | null;
  spec: ModelSpec;
  parameters: NamedArrays;
  units: readonly StudyUnit[];
  heads: readonly { name: string; loss: number }[];
}

/** Changes that are listed. */
const MOST_CHANGES = 40;

/**
 * What changed between two checkpoints of one run: weights, losses on the song, and the units whose spans, gates and
 * correlations are most unlike what they were.
 *
 * @throws UsageError when the two have different architectures: their units have nothing to do with each other
 */
export function compareModels(a: ComparedModel, b: ComparedModel): StudyComparison {
  assertSameArchitecture(a, b);
  const [before, after] = (a.step ?? 0) <= (b.step ?? 0) ? [a, b] : [b, a];
  return {
    before: { path: before.path, step: before.step },
    after: { path: after.path, step: after.step },
    tensors: parameterSpecs(a.spec).map(({ name }) => compareTensors(name, before.parameters, after.parameters)),
    heads: before.heads.map(({ name, loss }, k) => ({ name, before: loss, after: after.heads[k].loss })),
    units: compareUnits(before.units, after.units),
  };
}

/** @throws UsageError that says in what they differ */
export function assertSameArchitecture(
  a: { path: string; spec: ModelSpec },
  b: { path: string; spec: ModelSpec },
): void {
  const describe = ({ spec }: { spec: ModelSpec }): string =>
    [
      networkInWords(cellOf(spec), layerWidths(spec)),
      `reads ${[...spec.inputs.categories, ...spec.inputs.features.map((name) => ({ name, size: 1 }))]
        .map(({ name, size }) => (size > 1 ? `${name} (${size})` : name))
        .join(', ')}${embedded(spec)}`,
      `predicts ${spec.heads.map(headInWords).join(', ')}`,
    ].join('; ');
  const [one, other] = [describe(a), describe(b)];
  if (one === other) return;
  throw new UsageError(
    `compare: the two models are of different architectures. ${a.path}: ${one}. ${b.path}: ${other}. ` +
      'Compare two checkpoints of one run.',
  );
}

function embedded({ inputs: { categories, combine = 'sum' } }: ModelSpec): string {
  const widths = categories.flatMap(({ width }) => width ?? []);
  if (widths.length === 0) return '';
  return ` in ${combine === 'sum' ? 'one vector' : 'vectors'} of ${combine === 'sum' ? widths[0] : widths.join(' + ')}`;
}

function headInWords({ name, reads = [], hidden, ...head }: ModelSpec['heads'][number]): string {
  const size = head.kind === 'categorical' ? ` (${head.size})` : '';
  const given = reads.length > 0 ? ` given ${reads.join(' and ')}` : '';
  return `${name}${size}${given}${hidden === undefined ? '' : ` with a relu layer of ${hidden}`}`;
}

function compareTensors(name: string, before: NamedArrays, after: NamedArrays): StudyComparison['tensors'][number] {
  const [a, b] = [before[name], after[name]];
  let [sumA, sumB, sumChange] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    sumA += a[k] ** 2;
    sumB += b[k] ** 2;
    sumChange += (b[k] - a[k]) ** 2;
  }
  const [normA, normB, change] = [sumA, sumB, sumChange].map(Math.sqrt);
  return { name, before: normA, after: normB, change, relative: change / Math.max(normA, 1e-12) };
}

/** A figure of a unit, with the size beyond which nobody cares. */
interface Figure {
  what: string;
  of(unit: StudyUnit): number;
  /** Times are compared as ratios. */
  logarithmic?: boolean;
}

const SPAN: Figure = {
  what: 'memory span in time steps',
  of: ({ span }) => Math.max(1, span!.steps ?? span!.atLeastSteps),
  logarithmic: true,
};

/** The figures that units of a cell have. */
function figuresOf({ span, saturation }: StudyUnit): Figure[] {
  const gates = (Object.keys(saturation) as Gate[]).filter(opens);
  return [
    ...(span ? [SPAN] : []),
    { what: 'spread of h', of: ({ h }) => h.sd },
    ...gates.flatMap((gate): Figure[] => [
      { what: `gate ${gate} open (above 0.9)`, of: (unit) => unit.saturation[gate]!.high },
      { what: `gate ${gate} shut (below 0.1)`, of: (unit) => unit.saturation[gate]!.low },
    ]),
  ];
}

function compareUnits(before: readonly StudyUnit[], after: readonly StudyUnit[]): StudyUnitChange[] {
  const correlates = [...new Set([...before, ...after].flatMap(({ correlations }) => correlations.map((c) => c.with)))];
  const correlations = correlates.map((name): Figure => {
    const of = (unit: StudyUnit): number => unit.correlations.find((c) => c.with === name && c.significant)?.value ?? 0;
    return { what: `correlation with ${CORRELATE_WORDS[name]}`, of };
  });
  const changes = [...figuresOf(before[0]), ...correlations].flatMap((figure) => changesOf(figure, before, after));
  return changes
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size)
    .slice(0, MOST_CHANGES);
}

function changesOf(figure: Figure, before: readonly StudyUnit[], after: readonly StudyUnit[]): StudyUnitChange[] {
  const scaled = (unit: StudyUnit): number => (figure.logarithmic ? Math.log(figure.of(unit)) : figure.of(unit));
  const spread = momentsOf([...before, ...after].map(scaled)).sd;
  if (!(spread > 1e-9)) return [];
  return before.map((unit, k) => ({
    layer: unit.layer,
    unit: unit.unit,
    what: figure.what,
    before: figure.of(unit),
    after: figure.of(after[k]),
    size: Math.abs(scaled(after[k]) - scaled(unit)) / spread,
  }));
}
