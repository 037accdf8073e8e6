/**
 * Orders paths as a person would: folder by folder, runs of digits by their value ("prelude 2" before "prelude 10"),
 * everything else by UTF-16 code units. The same on every machine, whatever its language: 0 only for equal strings.
 */
export function compareNatural(a: string, b: string): number {
  let i = startOfDifference(a, b);
  let j = i;
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const endA = endOfDigits(a, i);
      const endB = endOfDigits(b, j);
      const order = compareNumerals(a.slice(i, endA), b.slice(j, endB));
      if (order !== 0) return order;
      i = endA;
      j = endB;
    } else {
      const order = rank(a, i++) - rank(b, j++);
      if (order !== 0) return order;
    }
  }
  // "01" and "1" are the same number; the plain order decides between such paths.
  return a.length - i - (b.length - j) || plain(a, b);
}

/** Where two paths begin to differ, at the beginning of a number where that is inside one: paths of one folder share much. */
function startOfDifference(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  while (at > 0 && isDigit(a, at - 1)) at--;
  return at;
}

/** The separator ranks before every other character, so that a folder's contents stand together. */
function rank(path: string, at: number): number {
  const unit = path.charCodeAt(at);
  return unit === 0x2f ? -1 : unit;
}

/** As text of equal length: a run of digits may be longer than a number can hold. */
function compareNumerals(a: string, b: string): number {
  const x = a.replace(/^0+/, '');
  const y = b.replace(/^0+/, '');
  return x.length - y.length || plain(x, y);
}

function isDigit(path: string, at: number): boolean {
  const unit = path.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39;
}

function endOfDigits(path: string, at: number): number {
  while (at < path.length && isDigit(path, at)) at++;
  return at;
}

function plain(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
