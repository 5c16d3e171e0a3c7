// Duplicates: files with equal content whatever their names, and folders with nothing in them. Nothing is changed.
import { log, sync, type WalkedFile, xfile } from 'sxrun';

sync.dontDo();
const folder = sync.args[0] ?? 'data';

const bySize = new Map<number, WalkedFile[]>();
const filled = new Set<string>();
const folders: string[] = [];
for await (const entry of xfile.walk(folder, { dirs: true, links: true })) {
  const { path, kind, size } = entry;
  if (path.includes('/')) filled.add(path.slice(0, path.lastIndexOf('/')));
  if (kind === 'directory') folders.push(path);
  else if (kind === 'file' && size !== undefined) bySize.set(size, [...(bySize.get(size) ?? []), entry]);
}

// Only files of the same size can be equal; empty ones tell nothing.
for (const [size, files] of bySize) {
  if (size === 0 || files.length === 1) continue;
  const byContent = new Map<string, string[]>();
  for (const { url, path } of files) {
    const content = (await xfile.readBytes(url)).join();
    byContent.set(content, [...(byContent.get(content) ?? []), path]);
  }
  for (const equal of byContent.values()) if (equal.length > 1) log.info(`equal: ${equal.join(' = ')}`);
}
for (const path of folders) if (!filled.has(path)) log.info(`empty: ${path}`);
