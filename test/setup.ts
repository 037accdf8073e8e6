import fc from 'fast-check';

/**
 * One seed for every property of a run, so that a failure anywhere can be replayed: `ETUDE_SEED=… npx vitest run`.
 * fast-check prints the seed and the shrunken counterexample with each failure. ETUDE_RUNS raises the number of cases.
 */
fc.configureGlobal({
  seed: Number(process.env.ETUDE_SEED ?? 20_260_101),
  numRuns: Number(process.env.ETUDE_RUNS ?? 50),
});
