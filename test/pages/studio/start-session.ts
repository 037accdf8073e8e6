import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resolveSettings } from '../../../src/music/index.ts';
import { Session } from '../../../src/pages/studio/engine/session.ts';
import type { EngineCalls, EngineEvents, MusicFile, PlayRequest } from '../../../src/pages/studio/protocol.ts';
import { INITIAL_STATE } from '../../../src/pages/studio/state.ts';

/** The bundled songbook. */
export const folder = resolve(import.meta.dirname, '../../../data/songbook');
export const files: MusicFile[] = readdirSync(folder)
  .filter((name) => name.endsWith('.mid'))
  .map((name) => ({ path: `songbook/${name}`, bytes: readFileSync(join(folder, name)) }));
/** A small network of the preset quick. */
export const settings = resolveSettings('quick', {
  hiddenSize: 6,
  batchSize: 4,
  seqLength: 8,
  stepsPerEpoch: 3,
  epochs: 3,
  validationWindows: 8,
});
export const ENGINE = { threads: 1, backend: 'reference' } as const;
export const REQUEST = { preset: 'quick', given: settings, ...ENGINE };

type Told = { [E in keyof EngineEvents]: { event: E; detail: EngineEvents[E] } }[keyof EngineEvents];

/** How music is drawn unless somebody says. */
export const PLAIN: PlayRequest = {
  ...INITIAL_STATE.play,
  temperatures: {},
  topK: 0,
  primer: undefined,
  typed: undefined,
};

/** A session over the songbook, what it tells, and a wait for an event. */
export async function startSession(request: EngineCalls['prepare']['request'] = REQUEST) {
  const told: Told[] = [];
  let heard: (() => void) | undefined;
  const session = new Session((event, detail) => {
    told.push({ event, detail } as Told);
    heard?.();
  });
  const until = async (event: keyof EngineEvents): Promise<void> => {
    while (!told.some((each) => each.event === event)) await new Promise<void>((resolve) => (heard = resolve));
    told.splice(0, told.findIndex((each) => each.event === event) + 1);
  };
  session.loadMusic({ files, settings });
  await session.prepare(request);
  return { session, told, until };
}
