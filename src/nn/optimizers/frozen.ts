import { UsageError } from '../../errors.ts';
import { parameterSpecs, type ModelSpec } from '../spec.ts';

/**
 * Which parameters of a model are trained.
 * @param freeze those that are not, by name or by what names begin with: `lstm.1` stands for `lstm.1.kernel` and the others of
 *   that layer, not for `lstm.10`
 * @throws UsageError when a name stands for no parameter, or nothing is left to be trained
 */
export function trainedIn(spec: ModelSpec, freeze: readonly string[] = []): (name: string) => boolean {
  const names = parameterSpecs(spec).map(({ name }) => name);
  const isOf = (name: string, part: string): boolean => name === part || name.startsWith(`${part}.`);
  const unknown = freeze.find((part) => !names.some((name) => isOf(name, part)));
  if (unknown !== undefined) {
    throw new UsageError(
      `--freeze: this model has no "${unknown}"; what can be frozen is ${partsOf(names).join(', ')}, or one parameter of them, such as ${names[0]}.`,
    );
  }
  const isTrained = (name: string): boolean => !freeze.some((part) => isOf(name, part));
  if (!names.some(isTrained)) {
    throw new UsageError(`--freeze: with ${freeze.join(', ')} frozen, nothing is left to be trained.`);
  }
  return isTrained;
}

/** What names begin with: `lstm`, `lstm.0`, `heads`, `heads.pitch`. */
function partsOf(names: readonly string[]): string[] {
  const parts = names.flatMap((name) => {
    const words = name.split('.');
    return [1, 2].map((count) => words.slice(0, count).join('.'));
  });
  return [...new Set(parts)];
}
