import type { NewFilesIn } from '../vfs/vfs.ts';
import type { NewFiles } from './new-files.ts';

/** Some of the new files of one directory, from `start` to before `end`, as a back end takes them. */
export interface NewFilesPart extends NewFilesIn {
  readonly of: NewFiles;
  readonly start: number;
}

const MOST_BYTES = 4 * 1024 * 1024;

/** What is copied in one go: files of one root, `most` at most, and few large ones. Nothing is built before it is asked for. */
export function* batchesOf(all: readonly NewFiles[], most: number): Generator<readonly NewFilesPart[]> {
  let batch: NewFilesPart[] = [];
  let count = 0;
  let bytes = 0;
  let from: number | undefined;
  for (const of of all) {
    for (let start = 0; start < of.names.length; ) {
      if (count >= most || bytes >= MOST_BYTES || (from !== of.from && count > 0)) {
        yield batch;
        batch = [];
        count = 0;
        bytes = 0;
      }
      from = of.from;
      let end = start;
      for (; end < of.names.length && count < most && bytes < MOST_BYTES; end++, count++) bytes += of.size(end);
      batch.push(partOf(of, start, end));
      start = end;
    }
  }
  if (batch.length > 0) yield batch;
}

function partOf(of: NewFiles, start: number, end: number): NewFilesPart {
  const files = Array.from({ length: end - start }, (_, i) => of.file(start + i));
  return { of, start, directory: of.directory, names: start === 0 && end === of.names.length ? of.names : of.names.slice(start, end), files };
}
