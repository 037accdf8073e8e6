/** @returns mutants of one file: `changes` are [what is wrong, text to find (once), what to put there, judge] */
export function mutantsOf(file, judge, changes) {
  return changes.map(([name, find, replace, other]) => ({ file, name, find, replace, judge: other ?? judge }));
}
