/**
 * What `xfile` asks of the host. A file is named by a root URL: a local path (relative to the project file, `~` is the home folder), or `scheme:…`.
 * Times are ms since 1970; null: none given.
 */
export interface FileMethods {
  'xfile.exists': { readonly request: FileRequest; readonly reply: boolean };
  /** null: nothing there. */
  'xfile.stat': { readonly request: FileRequest; readonly reply: WireFileInfo | null };
  'xfile.list': { readonly request: FileRequest; readonly reply: readonly WireFileInfo[] };
  'xfile.walk': { readonly request: FileRequest & { readonly options: WireWalkOptions }; readonly reply: WireWalkBatch };
  'xfile.walkMore': { readonly request: { readonly walk: number }; readonly reply: WireWalkBatch };
  'xfile.walkEnd': { readonly request: { readonly walk: number }; readonly reply: null };
  'xfile.readText': { readonly request: FileRequest; readonly reply: string };
  'xfile.readBytes': { readonly request: FileRequest; readonly reply: Uint8Array };
  'xfile.writeText': { readonly request: FileRequest & { readonly text: string }; readonly reply: null };
  'xfile.writeBytes': { readonly request: FileRequest & { readonly bytes: Uint8Array }; readonly reply: null };
  'xfile.appendText': { readonly request: FileRequest & { readonly text: string }; readonly reply: null };
  'xfile.copy': { readonly request: WireTransfer; readonly reply: null };
  'xfile.move': { readonly request: WireTransfer; readonly reply: null };
  'xfile.remove': { readonly request: FileRequest & { readonly options?: { readonly ifUnchanged?: WireVersion } }; readonly reply: null };
  'xfile.touch': { readonly request: FileRequest & { readonly date: number | null }; readonly reply: null };
  'xfile.mkdir': { readonly request: FileRequest & { readonly options: { readonly parents?: boolean } }; readonly reply: null };
  'xfile.rmdir': { readonly request: FileRequest; readonly reply: null };
  'xfile.removeRecursive': { readonly request: FileRequest & { readonly options: WireRemoval }; readonly reply: null };
}

interface FileRequest {
  readonly url: string;
}

export interface WireFileInfo {
  readonly url: string;
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size?: number;
  readonly modified?: number;
  /** Of files and links. */
  readonly revision?: string;
  /** Only in a walk: relative to its start. */
  readonly path?: string;
}

/** What must be there still. */
export interface WireVersion {
  readonly kind: WireFileInfo['kind'];
  readonly revision: string;
}

export interface WireWalkOptions {
  readonly files?: boolean | string | readonly string[];
  readonly dirs?: boolean | string | readonly string[];
  readonly links?: boolean;
  readonly exclude?: string | readonly string[];
  readonly depth?: number;
}
export interface WireWalkBatch {
  /** To ask for more by; null: this is all. */
  readonly walk: number | null;
  readonly entries: readonly WireFileInfo[];
}

export interface WireTransfer {
  readonly from: string;
  readonly to: string;
  readonly options: { readonly overwrite?: boolean };
}
export interface WireRemoval {
  readonly keepRoot?: boolean;
  readonly confirm?: boolean;
}
