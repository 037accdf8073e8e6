/** Whether a file of that name lies beside the one that names it, on disks and behind URLs: no folders, no programs of a URL. */
export function isBeside(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return name !== '' && !/[/\\:?#%\u0000-\u001f]/.test(name) && !/^\.+$/.test(name);
}

/** What the weights of a model.json of that name are called: `mine.weights.bin` beside `mine.json`, as pages call them. */
export function weightsNameOf(name: string): string {
  return `${name.replace(/\.json$/i, '')}.weights.bin`;
}
