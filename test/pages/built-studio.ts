import { resolve } from 'node:path';
import { buildStudio } from '../../scripts/build-studio.mjs';

/** Builds the studio's page where `etude studio` finds it: once, before the tests, of which several serve it at the same time. */
export default async function buildStudioOnce(): Promise<void> {
  await buildStudio(resolve(import.meta.dirname, '../../dist/studio'));
}
