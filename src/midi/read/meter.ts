import type { MidiFile } from '../types.ts';
import type { GuardedMidi } from './guarded-midi.ts';
import { eventsOf } from './reading.ts';
import { inOrder } from './tempo-changes.ts';
import { pieceAt, secondsAt, type TempoMap } from './tempo.ts';

const META = 255;
const TIME_SIGNATURE = 0x58;
/** A time signature as one number: the beats, and below them the power of two. */
const POWERS = 8;

/**
 * The time signatures of the first track, or of all, in order of time. Of several at one tick the last counts, that of the
 * last track; one that changes nothing is left out.
 * @param isOne whether all tracks are parts of one piece
 */
export function meterList(guarded: GuardedMidi, isOne: boolean, map: TempoMap): MidiFile['meter'] {
  const { ticks, values } = changesOnly(gathered(guarded, isOne));
  let piece = 0;
  return ticks.map((tick, i) => {
    piece = pieceAt(map, tick, piece);
    return [secondsAt(map, piece, tick), Math.floor(values[i] / POWERS), 2 ** (values[i] % POWERS)];
  });
}

/** Columns: a file may have millions. */
interface Meters {
  ticks: number[];
  values: number[];
}

function gathered(guarded: GuardedMidi, isOne: boolean): Meters {
  const meters: Meters = { ticks: [], values: [] };
  for (const packet of guarded.packets) {
    if (!packet.meters || (packet.track > 0 && !isOne)) continue;
    let { tick } = packet;
    for (const { deltaTime, type, metaType, data } of eventsOf(guarded, packet)) {
      tick += deltaTime;
      if (type !== META || metaType !== TIME_SIGNATURE) continue;
      const [beats, power] = data as number[];
      meters.ticks.push(tick);
      meters.values.push(beats * POWERS + power);
    }
  }
  return meters;
}

function changesOnly({ ticks, values }: Meters): Meters {
  const kept: Meters = { ticks: [], values: [] };
  for (const i of inOrder(ticks)) {
    if (kept.ticks.at(-1) === ticks[i]) {
      kept.ticks.pop();
      kept.values.pop();
    }
    if (kept.values.at(-1) === values[i]) continue;
    kept.ticks.push(ticks[i]);
    kept.values.push(values[i]);
  }
  return kept;
}
