import { InProcessMachines } from '../../../src/distributed/rounds/in-process.ts';
import { machinesSuite } from './suite.ts';

machinesSuite('in one process', ({ data, settings }, rounds) => InProcessMachines.open(data, settings, rounds));
