import { UsageError } from '../errors.ts';
import { flagName, type OptionTable } from './options.ts';

/**
 * Refuses options that contradict each other, and those that say nothing without another that is not there, by the `needs`
 * and `excludes` of their table.
 * @param given the keys of the options that were typed
 * @throws UsageError that names both
 */
export function refuseContradictions(command: string, table: OptionTable, given: ReadonlySet<string>): void {
  for (const key of given) {
    const { needs, excludes = {} } = table[key];
    const flag = flagName(key);
    for (const [other, why] of Object.entries(excludes)) {
      if (given.has(other))
        throw new UsageError(`${command}: ${flag} contradicts ${flagName(other)}: ${why}. Leave one out.`);
    }
    if (needs && !needs.some((other) => given.has(other))) {
      const others = needs.map(flagName).join(' or ');
      throw new UsageError(`${command}: ${flag} has no effect without ${others}. Add it, or leave out ${flag}.`);
    }
  }
}
