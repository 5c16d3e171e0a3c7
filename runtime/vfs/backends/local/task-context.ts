import type { NameMaker } from './transfer-names.ts';
import { partNames } from './transfer-names.ts';
import { OpenedDirectories } from './opened-directories.ts';
import type { RootHandle } from './root-handle.ts';

/** 256 KiB stay in the second-level cache: the fastest size measured for reading and writing in turns. */
export const BUFFER_BYTES = 256 * 1024;

/** What one thread needs to do file tasks. */
export interface TaskContext {
  readonly buffer: Uint8Array;
  partName(): string;
  directories(root: number): OpenedDirectories;
  addRoot(root: RootHandle): void;
  removeRoot(root: number): void;
  /** Gives back what opened directories hold; after each batch. */
  rest(): void;
}

export function createTaskContext(by: NameMaker, thread: string): TaskContext {
  const roots = new Map<number, OpenedDirectories>();
  return {
    buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    partName: partNames(by, thread),
    directories(root) {
      const found = roots.get(root);
      if (found === undefined) throw new Error(`root ${root} is not open`);
      return found;
    },
    addRoot(root) {
      roots.set(root.id, new OpenedDirectories(root));
    },
    removeRoot(root) {
      roots.get(root)?.close();
      roots.delete(root);
    },
    rest() {
      for (const directories of roots.values()) directories.close();
    },
  };
}
