import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

const PROGRAM = '/usr/bin/pulseaudio';

/** Firefox keeps its clock of sound still where there is no sound card: PulseAudio plays one that swallows everything. */
export default async function startSoundServer(project: TestProject): Promise<(() => void) | undefined> {
  if (!existsSync(PROGRAM)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'etude-sound-'));
  const socket = join(folder, 'native');
  const server = spawn(
    PROGRAM,
    ['-n', '--daemonize=no', '--exit-idle-time=-1', '--load=module-null-sink', `--load=module-native-protocol-unix auth-anonymous=1 socket=${socket}`],
    { stdio: 'ignore', env: { ...process.env, PULSE_RUNTIME_PATH: folder, HOME: folder } },
  ); // prettier-ignore
  if (!(await appears(socket, server))) return undefined;
  project.provide('soundServer', `unix:${socket}`);
  return () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function appears(path: string, server: ChildProcess): Promise<boolean> {
  for (let tenth = 0; tenth < 100 && server.exitCode === null; tenth++) {
    if (existsSync(path)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the sound of Firefox goes; absent where there is no such server. */
    soundServer?: string;
  }
}
