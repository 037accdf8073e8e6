import type { MusicFile } from './protocol.ts';

/** The files of a file dialog, with the folders they lay in. */
export async function filesOf(list: Iterable<File> | ArrayLike<File>): Promise<MusicFile[]> {
  return Promise.all(Array.from(list, (file) => read(file, file.webkitRelativePath || file.name)));
}

/** Everything that was dropped: files, and what folders hold, however deep. Names that begin with a dot are passed over. */
export async function filesOfDrop(transfer: DataTransfer): Promise<MusicFile[]> {
  // Entries must be taken before the first wait: after it the list is empty.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry());
  const plain = Array.from(transfer.files);
  const known = entries.filter((entry) => entry !== null);
  if (known.length === 0) return filesOf(plain);
  return (await Promise.all(known.map(walk))).flat();
}

async function walk(entry: FileSystemEntry): Promise<MusicFile[]> {
  if (entry.name.startsWith('.')) return [];
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [await read(file, entry.fullPath.replace(/^\//, ''))];
  }
  const children = await childrenOf((entry as FileSystemDirectoryEntry).createReader());
  return (await Promise.all(children.map(walk))).flat();
}

/** A reader gives some entries at a time, and none at the end. */
async function childrenOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function read(file: File, path: string): Promise<MusicFile> {
  return { path, bytes: new Uint8Array(await file.arrayBuffer()) };
}
