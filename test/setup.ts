import fc from 'fast-check';

/**
 * Cases of a property that asks for no number of its own: FULL in the slow set, FAST where people wait. With FAST the mutation
 * check finds every error that it plants.
 */
const FULL = 50;
const FAST = 12;

/**
 * One seed for every property of a run, so that a failure anywhere can be replayed: `ETUDE_SEED=… npx vitest run`.
 * fast-check prints the seed and the shrunken counterexample with each failure. ETUDE_RUNS is the number of cases, or `full`.
 */
const { ETUDE_SEED = '20260101', ETUDE_RUNS = String(FAST) } = process.env;
fc.configureGlobal({ seed: Number(ETUDE_SEED), numRuns: ETUDE_RUNS === 'full' ? FULL : Number(ETUDE_RUNS) });
