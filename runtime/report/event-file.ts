import type { RunEvent } from '../engine/events.ts';

/** A file that a run writes from its events. Nothing throws: what the disk refuses is told to `onLost` of its maker. */
export interface EventFile {
  read(event: RunEvent): void;
  /** Everything is written; the descriptor is not closed. */
  close(): Promise<void>;
}
