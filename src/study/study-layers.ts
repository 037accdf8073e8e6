import { recordedQuantities, type Recording } from '../nn/index.ts';
import { roundedAll } from '../music/rounding.ts';
import type { Kernels } from '../tensor/index.ts';
import { heatMaps, overviewMaps, type DetailPlan } from './detail.ts';
import { principalComponents } from './principal-components.ts';
import { similarityOrder } from './similarity-order.ts';
import type { StudyDetail, StudyLayer, StudyUnit } from './study-data.ts';
import type { StudyRequest } from './study-request.ts';

const COMPONENTS = 3;

/** The layers of a study, and what they are in another detail of the same song. */
export interface StudiedLayers {
  layers: StudyLayer[];
  of: (detail: { from: number; to: number }) => StudyDetail['layers'];
}

/**
 * Order, heat maps and path of every layer.
 * @param kernels makes kernels for each layer's products, which go with them
 */
export async function studyLayers(
  { layers: recorded }: Recording,
  units: readonly StudyUnit[],
  plan: DetailPlan,
  asked: StudyRequest['units'],
  kernels: () => Kernels,
): Promise<StudiedLayers> {
  const made: { fixed: StudyLayer; of: (detail: { from: number; to: number }) => StudyDetail['layers'][number] }[] = [];
  for (const [layer, activity] of recorded.entries()) {
    const { size, h } = activity;
    const quantities = recordedQuantities(activity);
    const shown = plan.layers.includes(layer) ? chooseUnits(units, layer, plan.units, asked) : [];
    const { explained, directions, coordinates } = await principalComponents(h, size, COMPONENTS, kernels());
    const hasOverview = shown.length > 0 && plan.notesPerColumn > 0;
    made.push({
      fixed: {
        layer,
        order: similarityOrder(h, size),
        shown,
        heat: {},
        ...(hasOverview && { overview: overviewMaps(quantities, size, shown, plan.notesPerColumn) }),
        ...(explained.length > 0 && {
          path: {
            explained: roundedAll(explained),
            points: [],
            directions: directions.map((direction) => roundedAll(direction, 4)),
          },
        }),
      },
      of: (detail) => ({
        heat: shown.length > 0 ? heatMaps(quantities, size, shown, detail) : {},
        ...(explained.length > 0 && {
          points: coordinates.map((values) => roundedAll(values.subarray(detail.from, detail.to), 4)),
        }),
      }),
    });
  }
  const layers = made.map(({ fixed, of }): StudyLayer => {
    const { heat, points } = of(plan);
    return { ...fixed, heat, ...(fixed.path && points && { path: { ...fixed.path, points } }) };
  });
  return { layers, of: (detail) => made.map(({ of }) => of(detail)) };
}

/** The units that were listed, or those that are missed most. */
function chooseUnits(
  units: readonly StudyUnit[],
  layer: number,
  count: number,
  asked: StudyRequest['units'],
): number[] {
  const importance = (unit: StudyUnit): number => unit.cost ?? -1 / (1e-9 + unit.h.sd);
  const listed = typeof asked === 'object' ? new Set(asked) : undefined;
  const here = units.filter((unit) => unit.layer === layer && (listed?.has(unit.unit) ?? true));
  return [...here]
    .sort((a, b) => importance(b) - importance(a))
    .slice(0, count)
    .map(({ unit }) => unit)
    .sort((a, b) => a - b);
}
