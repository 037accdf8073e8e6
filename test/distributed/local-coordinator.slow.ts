import { onTestFinished } from 'vitest';
import { readState } from '../../src/cli/sweep/sweep-folder.ts';
import { LocalCoordinator } from '../../src/distributed/local-coordinator.ts';
import { useBuiltEtude } from '../cli/build-etude.ts';
import { coordinatorSuite } from './coordinator-suite.ts';

const etude = useBuiltEtude();

coordinatorSuite('by processes of this machine', ({ musicFolder }, processes) => {
  const words = ['--backend', 'auto', '--cache', 'none'];
  const here = new LocalCoordinator({
    processes,
    etude: [process.execPath, etude],
    sources: [musicFolder],
    words,
    readState,
  });
  onTestFinished(() => here.close());
  return Promise.resolve(here);
});
