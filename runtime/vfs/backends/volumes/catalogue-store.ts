/** Where a catalogue is kept: lines that are added, and now and then all of them anew. Errors are VfsErrors about the root. */
export interface CatalogueStore {
  /** For messages. */
  readonly label: string;
  /** undefined: there is none. */
  read(): Promise<string | undefined>;
  /** Adds whole lines at the end. */
  append(text: string): void;
  /** Puts this in the place of all: old or new, never a part, whenever it is interrupted. */
  replace(text: string): Promise<void>;
  /** Keeps what cannot be read under another name, so that a new catalogue can begin. */
  setAside(): Promise<void>;
  /** What was added is durable when it resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
