import type { FileHandle } from 'node:fs/promises';

/** A file that several use: whoever is last closes it. Its maker is the first. */
export interface HeldFile {
  readonly file: FileHandle;
  hold(): void;
  release(): Promise<void>;
}

export function heldFile(file: FileHandle): HeldFile {
  let users = 1;
  return {
    file,
    hold: () => void users++,
    release: async () => {
      if (--users === 0) await file.close();
    },
  };
}
