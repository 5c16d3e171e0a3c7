import { joinPath, parentOf, type RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Below, Content, Entry, Replacement, Vfs } from '../../vfs.ts';

/** A folder of a file system as one of its own. It is made by the first change when it is missing. */
export function inFolder(whole: Vfs, folder: RelPath): Vfs {
  const at = (path: RelPath) => (path === '' ? folder : joinPath(folder, path));
  const told = async <T>(work: Promise<T>): Promise<T> => work.catch((error: unknown) => rethrow(error, folder));
  let making: Promise<void> | undefined;
  const change = async <T>(act: () => Promise<T>): Promise<T> => {
    making ??= makeFolder(whole, folder).catch((error: unknown) => {
      making = undefined;
      throw error;
    });
    await told(making);
    return told(act());
  };
  return {
    label: whole.label,
    get traits() {
      return whole.traits;
    },
    async list(directory) {
      if (directory === '' && (await told(whole.stat(folder))) === undefined) return [];
      return told(whole.list(at(directory)));
    },
    async stat(path) {
      const entry = await told(whole.stat(at(path)));
      return path === '' ? (entry === undefined ? ROOT : { ...entry, name: '' }) : entry;
    },
    content: (path, revision) => contentIn(whole.content(at(path), revision), folder),
    write: (path, content, as) => change(() => whole.write(at(path), content, as)),
    makeDirectory: (path) => change(() => whole.makeDirectory(at(path))),
    removeFile: (path, expected) => change(() => whole.removeFile(at(path), expected)),
    removeDirectory: (path) => change(() => whole.removeDirectory(at(path))),
    rename: (from, to, expected) => change(() => whole.rename(at(from), at(to), expected)),
    link: (path, target, as) => change(() => whole.link(at(path), target, as)),
    setModified: (path, modifiedMs, expected) => change(() => whole.setModified(at(path), modifiedMs, expected)),
    replace: (path, replacement) => change(() => whole.replace(at(path), replacementIn(replacement, at))),
    leftovers: async (directory) => (await told(whole.leftovers(at(directory)))).map((path) => path.slice(folder.length + 1)),
    recover: (leftovers) => told(whole.recover(leftovers.map(at))),
    flush: () => whole.flush(),
    close: () => whole.close(),
  };
}

const ROOT: Entry = { name: '', kind: 'directory' };

async function makeFolder(whole: Vfs, folder: RelPath): Promise<void> {
  if (folder === '' || (await whole.stat(folder)) !== undefined) return;
  await makeFolder(whole, parentOf(folder));
  await whole.makeDirectory(folder);
}

function contentIn(content: Content, folder: RelPath): Content {
  return {
    ...content,
    async *open(from) {
      try {
        yield* content.open(from);
      } catch (error) {
        rethrow(error, folder);
      }
    },
  };
}

function replacementIn(replacement: Replacement, at: (path: RelPath) => RelPath): Replacement {
  if (replacement.kind === 'directory' || replacement.below === undefined) return replacement;
  const below: Below = new Map([...replacement.below].map(([path, version]) => [at(path), version]));
  return { ...replacement, below };
}

/** Errors are told about paths in the folder. */
function rethrow(error: unknown, folder: RelPath): never {
  if (!(error instanceof VfsError) || !error.path.startsWith(`${folder}/`) || error.inContent) throw error;
  throw new VfsError(error.code, error.path.slice(folder.length + 1), error.message, { cause: error });
}
