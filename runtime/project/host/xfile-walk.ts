import type { FileMethods, WireFileInfo, WireWalkBatch, WireWalkOptions } from '../../../sdk/xfile-protocol.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { isWithin, joinPath, type RelPath } from '../../vfs/path.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Entry } from '../../vfs/vfs.ts';
import type { Glob } from './glob.ts';
import type { HostContext } from './host-function.ts';
import { atPlaces, aboutUrl, type FilePlace, urlBelow, wrongArguments } from './xfile-places.ts';
import { infoOf } from './xfile-read.ts';
import { entryAt, joined, requireRunning, storesBelow } from './xfile-tree.ts';

type Request<Method extends keyof FileMethods> = FileMethods[Method]['request'];

/** Entries of one message: enough that messages cost little, few enough that the first ones come soon. */
const BATCH = 500;
/** A script that begins walks and forgets them would fill the memory. */
const MOST_WALKS = 100;

interface OpenWalk {
  readonly entries: AsyncGenerator<WireFileInfo, void, undefined>;
}

const walks = new WeakMap<HostContext, Map<number, OpenWalk>>();
let lastWalk = 0;

export async function walk({ url, options }: Request<'xfile.walk'>, context: HostContext): Promise<WireWalkBatch> {
  const open = walks.get(context) ?? new Map<number, OpenWalk>();
  walks.set(context, open);
  if (open.size >= MOST_WALKS)
    throw wrongArguments(`xfile.walk: ${MOST_WALKS} walks are under way; leave the loops of some, or let them come to their end`);
  const number = ++lastWalk;
  const entries = walkedEntries(url, options, context);
  open.set(number, { entries });
  return nextBatch(number, context);
}

export async function walkMore({ walk: number }: Request<'xfile.walkMore'>, context: HostContext): Promise<WireWalkBatch> {
  return nextBatch(number, context);
}

export async function walkEnd({ walk: number }: Request<'xfile.walkEnd'>, context: HostContext): Promise<null> {
  const open = walks.get(context)?.get(number);
  walks.get(context)?.delete(number);
  await open?.entries.return();
  return null;
}

async function nextBatch(number: number, context: HostContext): Promise<WireWalkBatch> {
  const open = walks.get(context)?.get(number);
  if (open === undefined) throw wrongArguments('xfile.walk: this walk is over');
  const batch: WireFileInfo[] = [];
  try {
    while (batch.length < BATCH) {
      const { done, value } = await open.entries.next();
      if (done) {
        walks.get(context)?.delete(number);
        return { walk: null, entries: batch };
      }
      batch.push(value);
    }
  } catch (error) {
    walks.get(context)?.delete(number);
    throw error;
  }
  return { walk: number, entries: batch };
}

interface Rules {
  readonly files: Glob;
  readonly dirs: Glob;
  readonly links: boolean;
  readonly exclude: Glob;
  readonly depth: number;
  /** Never shown. */
  readonly stores: readonly RelPath[];
}

/** The place is opened anew for each folder: a walk that is left alone keeps nothing open. */
async function* walkedEntries(url: string, options: WireWalkOptions, context: HostContext): AsyncGenerator<WireFileInfo, void, undefined> {
  const at = <Result>(act: (place: FilePlace) => Promise<Result>) => atPlaces([{ url, access: 'read', itself: false }], context, act);
  const rules = await at(async (place) => {
    const top = await entryAt(place);
    if (top.kind !== 'directory') throw new VfsError('wrong-kind', place.path, 'a folder is needed here, and this is none');
    return rulesOf(options, place, context);
  });
  const visible = async (below: RelPath): Promise<Found[]> => {
    const entries = await at((place) => listed(place, below));
    const found = entries.map((entry) => ({ path: joinPath(below, entry.name), entry }));
    return found.filter(({ path }) => !rules.exclude(path) && !rules.stores.some((store) => isWithin(path, store)));
  };
  const open = (await visible('')).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    requireRunning(context);
    const { path, entry } = next;
    if (isWanted(entry, path, rules)) yield { ...infoOf(urlBelow(url, path), entry), path };
    if (entry.kind === 'directory' && path.split('/').length < rules.depth) open.push(...(await visible(path)).reverse());
  }
}

interface Found {
  readonly path: RelPath;
  readonly entry: Entry;
}

/** A folder that went since it was seen is nothing to tell. */
async function listed(place: FilePlace, below: RelPath): Promise<readonly Entry[]> {
  try {
    return await aboutUrl(urlBelow(place.url, below), () => place.vfs.list(joined(place.path, below)));
  } catch (error) {
    if (below !== '' && error instanceof ScriptCallError && error.error.code === 'not-found') return [];
    throw error;
  }
}

async function rulesOf(options: WireWalkOptions, place: FilePlace, context: HostContext): Promise<Rules> {
  const { compileGlob } = await import('./glob.ts');
  const globOf = (name: 'files' | 'dirs' | 'exclude', value: boolean | string | readonly string[]): Glob => {
    if (typeof value === 'boolean') return () => value;
    try {
      return compileGlob(typeof value === 'string' ? [value] : value, !place.vfs.traits.caseSensitive);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw wrongArguments(`xfile.walk: options.${name} ${error.message}`);
    }
  };
  return {
    files: globOf('files', options.files ?? true),
    dirs: globOf('dirs', options.dirs ?? false),
    exclude: globOf('exclude', options.exclude ?? false),
    links: options.links === true,
    depth: options.depth ?? Number.POSITIVE_INFINITY,
    stores: await storesBelow(place, context),
  };
}

function isWanted({ kind }: Entry, path: RelPath, rules: Rules): boolean {
  switch (kind) {
    case 'file':
      return rules.files(path);
    case 'directory':
      return rules.dirs(path);
    case 'link':
      return rules.links && rules.files(path);
    case 'other':
      return false;
  }
}
