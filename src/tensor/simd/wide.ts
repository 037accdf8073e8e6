import { nodeProcess } from '../../node-module.ts';
import { wideObstacle } from './variant.ts';
import type { WideVerdict } from './wide-verdict.ts';

/** The newest V8 whose joined code has been compared, bit for bit, with code that was not joined. */
const NEWEST_KNOWN_V8 = 14.6;

let verdict: WideVerdict | undefined;

/** What is known so far of this process: nothing before {@link findWideVerdict} or {@link adoptWideVerdict}. */
export function knownWideVerdict(): WideVerdict | undefined {
  return verdict;
}

/** Takes over what was found out about this machine before; undefined forgets it. */
export function adoptWideVerdict(known: WideVerdict | undefined): void {
  verdict = known;
}

/** Finds out whether the wide build is the better one, unless that is known: some 60 to 90 ms, once in a process. */
export async function findWideVerdict(): Promise<WideVerdict> {
  const obstacle = wideObstacle() ?? unknownV8();
  if (obstacle) return (verdict = { wide: false, why: obstacle });
  if (verdict) return verdict;
  const { raceWide } = await import('./wide-race.ts');
  return (verdict = await raceWide());
}

/** Why this V8 is not trusted before somebody has compared its bits; `--backend simd-wide` tries it all the same. */
function unknownV8(): string | undefined {
  const { v8 } = nodeProcess()!.versions;
  if (parseFloat(v8) <= NEWEST_KNOWN_V8) return undefined;
  return `V8 ${v8} is newer than those whose joined code was verified; --backend simd-wide tries it`;
}

/** Whose bits an engine or kernels of this name compute: those of the wide build are those of `simd (relaxed)`. */
export function nameOfBits(name: string): string {
  return name.replace('simd (wide)', 'simd (relaxed)');
}
