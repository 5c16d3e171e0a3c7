import type { RunEvent } from '../engine/events.ts';
import { openOutput, type OutputTarget } from './output.ts';
import type { EventFile } from './event-file.ts';

/**
 * The list of what was brought somewhere and what was removed (`-l`, option `sourceList`), for scripts that go on with those files: a line a file
 * or link, with its root. Copied: the path it was copied from, once, however many roots got it. Removed: `remove ` and the path it was removed from.
 * A move is a removal and a copy. A path that has a line break stands in JSON quotes. `fd` is open for writing and stays the caller's.
 */
export function sourceList(fd: number, onLost?: OutputTarget['onLost']): EventFile {
  const output = openOutput({ fd, ...(onLost && { onLost }) });
  let roots: readonly string[] = [];
  const listed = new Set<string>();

  const place = (root: number, path: string) => oneLine(joined(roots[root] ?? '', path));

  function lines(event: RunEvent): readonly string[] {
    if (event.type === 'start') {
      roots = event.roots;
      listed.clear();
    }
    if (event.type !== 'action' || event.kind === 'directory') return [];
    const source = event.from ?? event.to;
    if (event.op === 'copy' || event.op === 'replace') return [place(source, event.path)];
    if (event.op === 'remove') return [`remove ${place(event.to, event.path)}`];
    if (event.op === 'move' && event.moved !== undefined) return [`remove ${place(event.to, event.path)}`, place(source, event.moved)];
    return [];
  }

  return {
    read(event) {
      for (const text of lines(event)) {
        if (!listed.has(text)) output.write(`${text}\n`);
        listed.add(text);
      }
    },
    close: () => output.close(),
  };
}

/** The root's own separator where it is a local Windows path. */
function joined(root: string, path: string): string {
  const separator = /^([a-z]:|\\\\)/i.test(root) && root.includes('\\') ? '\\' : '/';
  return `${root.replace(/[\\/]$/, '')}${separator}${separator === '\\' ? path.replaceAll('/', '\\') : path}`;
}

function oneLine(path: string): string {
  return /[\r\n]/.test(path) ? JSON.stringify(path) : path;
}
