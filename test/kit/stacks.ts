import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { openZip } from '../../runtime/vfs/backends/zip/open-zip.ts';
import { encoded } from '../../runtime/vfs/layers/encoded.ts';
import { gzipped } from '../../runtime/vfs/layers/gzipped.ts';
import { stampOnly } from '../../runtime/vfs/layers/stamp-only.ts';
import { type VersionedOptions, versioned } from '../../runtime/vfs/layers/versioned.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { Clock } from './clock.ts';
import { withCopyingRename } from './copying-rename.ts';
import { MemoryVfs, type MemoryVfsOptions } from './memory-vfs.ts';
import { saltedEncoder } from './salted-coder.ts';
import { withoutOffsets } from './without-offsets.ts';

const VERSIONS: VersionedOptions = {
  prefix: 'uxvs:',
  folder: 'XVS',
  place: 'beside',
  max: 10_000,
  isExcluded: () => false,
  now: new Clock().now,
  keep: undefined,
};

/** Layers as a project with default options has them. `xvs:` is `uxvs:` by another name; each `ienc:` has turns of its own. */
const LAYERS = {
  igz: (inner: Vfs) => gzipped(inner, { extension: '.sx.gz' }),
  ienc: (inner: Vfs) => encoded(inner, saltedEncoder()),
  tfs: stampOnly,
  uxvs: (inner: Vfs) => versioned(inner, VERSIONS),
  rcy: (inner: Vfs) => versioned(inner, { ...VERSIONS, prefix: 'rcy:', folder: '.recycle', place: 'top' }),
} as const;
export type LayerScheme = keyof typeof LAYERS;
export const LAYER_SCHEMES = Object.keys(LAYERS) as LayerScheme[];

/** As in a root URL: the outermost layer first. */
export function stacked(schemes: readonly LayerScheme[], inner: Vfs): Vfs {
  return schemes.reduceRight((vfs, scheme) => LAYERS[scheme](vfs), inner);
}

/** `igz:ienc:` */
export function schemesOf(prefix: string): readonly LayerScheme[] {
  return prefix.split(':').filter((scheme): scheme is LayerScheme => scheme in LAYERS);
}

/** A root that layers stand on, fresh and empty. */
export interface OpenedBase {
  readonly vfs: Vfs;
  /** Another view of it, whose run was ended. */
  readonly aborted?: Vfs;
  /** Whether it holds whatever a name can be on some system. */
  readonly oddNames: boolean;
  /** Whether files can be read from anywhere but their start. */
  readonly offsets?: boolean;
  /** Removes it; both are closed by then. */
  remove?(): Promise<void>;
}

function memory(options: MemoryVfsOptions = {}): MemoryVfs {
  return new MemoryVfs({ now: new Clock().now, ...options });
}

const poorTraits = { links: false, modes: false } as const;

/** Roots in memory, each of which lacks something that a folder of this machine has. */
export const MEMORY_BASES: Readonly<Record<string, () => MemoryVfs>> = {
  memory: () => memory(),
  'memory with times of two seconds, without case': () => memory({ traits: { ...poorTraits, timePrecisionMs: 2000, caseSensitive: false } }),
  'memory without times': () => memory({ traits: { timePrecisionMs: undefined } }),
};

export const BASES: Readonly<Record<string, () => Promise<OpenedBase>>> = {
  ...Object.fromEntries(
    Object.entries(MEMORY_BASES).map(([title, open]) => [
      title,
      async () => ({ vfs: open(), aborted: new MemoryVfs({ signal: AbortSignal.abort() }), oddNames: true }),
    ]),
  ),
  'memory that renames by copying': async () => ({ vfs: withCopyingRename(memory()), oddNames: true }),
  'memory without anything that a server may lack': async () => ({
    vfs: withoutOffsets(withCopyingRename(memory({ traits: { ...poorTraits, timePrecisionMs: undefined } }))),
    oddNames: true,
    offsets: false,
  }),
  'a folder': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sxrun-stack-'));
    const local = { followLinks: false, flushEachFile: false };
    return {
      vfs: await openLocal(folder, { ...local, signal: new AbortController().signal }),
      aborted: await openLocal(folder, { ...local, signal: AbortSignal.abort() }),
      oddNames: true,
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  },
  'an archive': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sxrun-stack-'));
    const options = { access: 'write', makeMissing: true, inner: '', signal: new AbortController().signal } as const;
    const vfs = await openZip({ path: join(folder, 'a.zip') }, options);
    return { vfs, oddNames: false, remove: () => rm(folder, { recursive: true, force: true }) };
  },
};
