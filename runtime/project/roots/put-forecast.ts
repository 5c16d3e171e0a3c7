import type { Problem, SyncResult } from '../../../sdk/project.ts';
import type { ActionEvent, Emit } from '../../engine/events.ts';
import type { Forecast } from '../../vfs/backends/volumes/forecast.ts';
import { joinPath, parentOf, type RelPath } from '../../vfs/path.ts';
import { formatAddress, type RootAddress } from '../../vfs/root-address.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { CheckedProject } from '../options/options.ts';
import type { OpenMedia } from './open-media.ts';

/** A set of media, or an archive, that a root, or a shadow of it, is in; shadows come first. */
interface Place {
  /** An archive refuses, and has no media. */
  readonly forecast: Forecast;
  readonly inner: RelPath;
  /** For messages; undefined: it is the root itself. */
  readonly shadow: string | undefined;
}

/** What a simulation says of media and archives: which medium would get what, and what would be taken by none. */
export class PutForecast {
  readonly #places: ReadonlyMap<number, readonly Place[]>;
  readonly #emit: Emit;
  readonly #problems: Problem[] = [];
  /** By path: roots that would refuse it. */
  readonly #refused = new Map<RelPath, number[]>();
  #refusedBytes = 0;
  /** Paths that all roots would refuse, by the figure that they count for. */
  readonly #nowhere = { copied: new Set<RelPath>(), made: new Set<RelPath>() };
  #lastTaken: RelPath | undefined;

  constructor(places: ReadonlyMap<number, readonly Place[]>, emit: Emit) {
    this.#places = places;
    this.#emit = emit;
  }

  /** Passes the events of a simulation on. */
  readonly emit: Emit = (event) => {
    if (event.type === 'action' && PUTTING.has(event.op)) this.#foretell(event);
    else this.#emit(event);
  };

  /** The result without what would be refused, which are problems of it. */
  corrected(result: SyncResult): SyncResult {
    if (this.#problems.length === 0) return result;
    const { copied, made, bytes, problems } = result;
    const isRefused = (path: RelPath, to: number) => this.#isRefused(path, to);
    return {
      ...figuresOf(result),
      copied: copied - this.#nowhere.copied.size,
      made: made - this.#nowhere.made.size,
      bytes: bytes - this.#refusedBytes,
      problems: [...problems, ...this.#problems],
      get actions() {
        return result.actions.filter(({ path, to, op }) => !(PUTTING.has(op) && isRefused(path, to)));
      },
    };
  }

  #foretell(event: ActionEvent): void {
    const told: string[] = [];
    for (const { forecast, inner, shadow } of this.#places.get(event.to) ?? []) {
      const path = inner === '' ? event.path : joinPath(inner, event.path);
      const places = forecast.place(path, event.kind === 'file' ? event.size : 0);
      const on = shadow === undefined ? '' : `on the shadow ${shadow}: `;
      if (places instanceof VfsError) return this.#refuse(event, `${on}${places.message}`, places.code);
      if (places.length > 0) told.push(on + places.map(({ medium, isNew }) => `${isNew ? 'new medium' : 'medium'} ${medium}`).join(' and '));
    }
    this.#lastTaken = event.path;
    this.#nowhere[figureOf(event.kind)].delete(event.path);
    this.#emit({ ...event, reason: [event.reason, ...told].join('; ') });
  }

  #refuse({ path, to, kind, size = 0 }: ActionEvent, message: string, code: string): void {
    const isBelow = this.#isRefused(parentOf(path), to);
    this.#refused.set(path, [...(this.#refused.get(path) ?? []), to]);
    if (kind === 'file') this.#refusedBytes += size;
    // Steps at one path come one after the other.
    if (this.#lastTaken !== path) this.#nowhere[figureOf(kind)].add(path);
    // Of what is in a folder nothing is said but of the folder.
    if (isBelow) return;
    const problem = { path, root: to, code, message };
    this.#problems.push(problem);
    this.#emit({ type: 'problem', ...problem });
  }

  #isRefused(path: RelPath, to: number): boolean {
    return this.#refused.get(path)?.includes(to) === true;
  }
}

const PUTTING: ReadonlySet<string> = new Set(['copy', 'make', 'replace']);

function figureOf(kind: ActionEvent['kind']): 'copied' | 'made' {
  return kind === 'directory' ? 'made' : 'copied';
}

/** Of the sets that are open, and of archives. */
export async function forecastPuts({ roots }: CheckedProject, media: OpenMedia, emit: Emit): Promise<PutForecast> {
  const places = new Map<number, Place[]>();
  for (const [index, { address, shadows }] of roots.entries()) {
    const all = [...shadows.map((shadow) => [shadow, formatAddress(shadow)] as const), [address, undefined] as const];
    for (const [one, shadow] of all) {
      const place = await placeOf(one, shadow, media, emit);
      if (place !== undefined) places.set(index, [...(places.get(index) ?? []), place]);
    }
  }
  return new PutForecast(places, emit);
}

async function placeOf({ base, layers }: RootAddress, shadow: string | undefined, media: OpenMedia, emit: Emit): Promise<Place | undefined> {
  if (base.kind === 'zip') return { forecast: await archiveForecast(), inner: base.inner, shadow };
  if (base.kind !== 'volumes') return undefined;
  const forecast = await media.forecastOf(base.volume);
  if (forecast !== undefined && layers.length === 0) return { forecast, inner: base.inner, shadow };
  const message = `vol${base.volume}: how large files are behind "${layers[0]?.scheme}:" is not known before, so neither is which medium gets them`;
  emit({ type: 'detail', message });
  return undefined;
}

async function archiveForecast(): Promise<Forecast> {
  const { putRefusal } = await import('../../vfs/backends/zip/entry-name.ts');
  return {
    place(path) {
      const refused = putRefusal(path);
      return refused === undefined ? [] : new VfsError('name-refused', path, refused);
    },
  };
}

/** All but the actions, which are made when they are asked for. */
function figuresOf({ project, simulation, removed, moved, kept, collisions, seconds }: SyncResult) {
  return { project, simulation, removed, moved, kept, collisions, seconds };
}
