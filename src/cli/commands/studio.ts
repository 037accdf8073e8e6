import { encodeCheckpoint } from '../../nn/index.ts';
import type { ActionOf } from '../command.ts';
import { servePage } from '../local-server/serve-page.ts';
import { pageFolder } from '../../package-folder.ts';
import { readCheckpoint, readMusicModel } from '../run-folder.ts';
import { knownFiles } from '../studio/files.ts';
import { CONTENT_SECURITY_POLICY } from '../studio/policy.ts';
import { USUAL_PORT } from '../studio/usual-port.ts';
import type { studio as words } from '../studio-table.ts';

/** `etude studio`: serves the page until Ctrl-C. */
export const studio: ActionOf<typeof words> = async ({ args: [model], options, terminal }) => {
  const page = {
    command: 'etude studio',
    answers: knownFiles(pageFolder(), modelBytes(model)),
    policy: CONTENT_SECURITY_POLICY,
    usualPort: USUAL_PORT,
    hash: model === undefined ? '' : '#model=served',
    whenTaken: `Browsers keep saved networks by address: those saved on port ${USUAL_PORT} are not offered here.`,
  };
  await servePage(page, options, terminal);
  return undefined;
};

/** The checkpoint that MODEL means, which must be one of music. */
function modelBytes(model: string | undefined): Uint8Array | undefined {
  if (model === undefined) return undefined;
  readMusicModel(model);
  return encodeCheckpoint(readCheckpoint(model));
}
