/** A project file and all it imports as one script for the sandbox. */
export interface Bundle {
  readonly code: string;
  /** Source map, JSON text; its sources are absolute paths. */
  readonly map: string;
  /** Hash of all sources that are the user's, by name and content: what remembered permissions are tied to. */
  readonly sourcesHash: string;
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[];
}

export type BundleSource =
  | { readonly kind: 'file'; readonly path: string }
  /** A project read from standard input; `directory` is its project folder. */
  | { readonly kind: 'text'; readonly text: string; readonly directory: string };

export interface BundleOptions {
  /** Folder for bundles made before; undefined: none are kept. */
  readonly cacheFolder: string | undefined;
  /** Whether imports may leave the project's folder to this real path. */
  mayRead(realPath: string): boolean;
}
