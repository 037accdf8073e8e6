import { serve, type RunningServer } from '../../../src/cli/local-server/server.ts';
import { knownFiles } from '../../../src/cli/studio/files.ts';
import { CONTENT_SECURITY_POLICY } from '../../../src/cli/studio/policy.ts';

/** The built studio as `etude studio` serves it, at a free port. */
export function serveStudio(folder: string): Promise<RunningServer> {
  return serve({ answers: knownFiles(folder), policy: CONTENT_SECURITY_POLICY }, 0);
}
