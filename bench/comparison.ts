import { DataError } from '../src/errors.ts';
import type { ResultFile, Row } from './results.ts';

/** How one row of a result changed. */
export interface Change {
  id: string;
  oldMs: number;
  newMs: number;
  /** New by old: above 1 is slower. */
  ratio: number;
  /** By how much the ratio can differ from 1 without meaning anything. */
  noise: number;
  verdict: 'slower' | 'faster' | 'the same';
}

export interface Comparison {
  /** In the order of the new file. */
  changes: Change[];
  /** Rows that only one of the files has. */
  missing: string[];
  /** Reasons to doubt the comparison. */
  warnings: string[];
}

/** Machines do not run at the same speed from one minute to the next, however steady they are within one. */
const LEAST_NOISE = 0.05;
/** Others using more of a core than this show in the figures. */
const BUSY = 0.3;

/**
 * Compares two results of the same benchmark row by row. The noise of a row is what its samples show: how far the 90 % mark
 * of the one and the 10 % mark of the other lie from their medians, together, and a twentieth at least.
 * @throws DataError when the files hold different benchmarks or no row in common
 */
export function compareResults(old: ResultFile, young: ResultFile): Comparison {
  if (old.bench !== young.bench) {
    throw new DataError(
      `One file holds the benchmark "${old.bench}", the other "${young.bench}"; compare like with like.`,
    );
  }
  const before = new Map(old.rows.map((row) => [row.id, row]));
  const changes = young.rows.flatMap((row) => {
    const other = before.get(row.id);
    return other ? [changeOf(other, row)] : [];
  });
  if (changes.length === 0) throw new DataError('The files have no row in common; they were made with other options.');
  const after = new Set(young.rows.map(({ id }) => id));
  const missing = [
    ...old.rows.filter(({ id }) => !after.has(id)),
    ...young.rows.filter(({ id }) => !before.has(id)),
  ].map(({ id }) => id);
  return { changes, missing, warnings: doubts(old, young) };
}

function changeOf(old: Row, young: Row): Change {
  const ratio = young.medianMs / old.medianMs;
  const slower = ratio > 1;
  const [upper, lower] = slower ? [old, young] : [young, old];
  const spread = (upper.p90Ms - upper.medianMs) / upper.medianMs + (lower.medianMs - lower.p10Ms) / lower.medianMs;
  const noise = Math.max(LEAST_NOISE, spread);
  const beyond = slower ? ratio > 1 + noise : 1 / ratio > 1 + noise;
  return {
    id: young.id,
    oldMs: old.medianMs,
    newMs: young.medianMs,
    ratio,
    noise,
    verdict: !beyond ? 'the same' : slower ? 'slower' : 'faster',
  };
}

function doubts(old: ResultFile, young: ResultFile): string[] {
  const warnings: string[] = [];
  for (const key of ['cpu', 'cores', 'node'] as const) {
    if (old.machine[key] === young.machine[key]) continue;
    warnings.push(`Not the same ${key}: ${old.machine[key]} and ${young.machine[key]}; the times say little.`);
  }
  for (const [name, { load }] of [
    ['old', old],
    ['new', young],
  ] as const) {
    if ((load.others ?? 0) > BUSY)
      warnings.push(`The ${name} file was measured while others used ${load.others} cores.`);
  }
  return warnings;
}
