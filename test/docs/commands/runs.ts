import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type PrintedCommand } from './printed.ts';
import { completed, shortening, shorteningOfScript, whyLeftOut } from './rules.ts';
import { expandSynopsis, readLine, shellWords, type ReadLine } from './synopsis.ts';

/** A command as it is run: what is printed, with what makes it short. */
export interface Run extends Pick<PrintedCommand, 'where' | 'pipe'> {
  words: string[];
  /** The same as one line. */
  title: string;
  /** Of commands of etude. */
  read?: ReadLine;
}

const calledByCi = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n').filter((line) => /^(npm|node) /.test(line)); // prettier-ignore
/** A name within a sentence is no command that somebody would type. */
function isName({ line, inline }: PrintedCommand): boolean {
  return (inline && /^etude( \w+)?$/.test(line)) || /^etude COMMAND\b/.test(line);
}

function runsOfOne(command: PrintedCommand): Run[] {
  const { where, pipe, line, inline } = command;
  if (isName(command)) return [];
  const runOf = (title: string): Run => ({ where, pipe, title: title.trim(), words: shellWords(title) });
  if (!/^(npx )?etude /.test(line)) {
    const added = shorteningOfScript(line, calledByCi);
    return added === undefined ? [] : [runOf(`${line} ${added}`)];
  }
  const etude = line.replace(/^npx /, '');
  if (etude.endsWith('--help')) return [runOf(`npx ${etude}`)];
  return expandSynopsis(etude).flatMap((one) => {
    const whole = inline ? completed(one, readLine(one)) : one;
    const read = readLine(whole);
    if (whyLeftOut(read) !== undefined) return [];
    return [{ ...runOf(`npx ${whole} ${shortening(read)}`), read }];
  });
}

/**
 * What is run of what is printed; a line that stands in several places once.
 * @throws Error for a command that no rule makes short
 */
export function runsOf(printed: readonly PrintedCommand[]): Run[] {
  const all = printed.flatMap(runsOfOne);
  const same = (one: Run, other: Run): boolean => one.title === other.title && one.pipe === other.pipe;
  return all.filter((run, at) => all.findIndex((other) => same(run, other)) === at);
}
