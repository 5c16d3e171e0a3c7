import assert from 'node:assert/strict';
import { foreignNames, listMedium } from '../../runtime/vfs/backends/volumes/medium-content.ts';
import type { PersonQuestion } from '../../runtime/vfs/backends/volumes/media-places.ts';
import type { OpenedVolumes } from '../../runtime/vfs/backends/volumes/open-volumes.ts';
import type { Vfs } from '../../runtime/vfs/vfs.ts';
import { Clock } from './clock.ts';
import type { World } from './faulty-vfs.ts';
import { MemoryDatabase } from './memory-baseline.ts';
import { MemoryCatalogue, MemoryMedia, openMemoryVolumes, type VolumeSetup } from './memory-media.ts';
import { MemoryVfs } from './memory-vfs.ts';
import { syncTrees, type TreeOptions, type TreesEnd } from './run.ts';

export interface MediaRun {
  readonly options?: TreeOptions;
  readonly setup?: VolumeSetup;
  readonly simulation?: boolean;
  readonly world?: World;
  /** Puts layers over the set. */
  readonly over?: (vfs: Vfs) => Vfs;
  /** The set is a source, too. */
  readonly bothWays?: boolean;
  /** Of the source; default: all. */
  readonly asTarget?: boolean;
}

/** A source in memory, a set of media in memory, their catalogue and a database, and runs over them, each of which opens the set anew. */
export class MediaStory {
  readonly source = new MemoryVfs({ label: 'source', now: new Clock().now });
  readonly media: MemoryMedia;
  readonly catalogue = new MemoryCatalogue();
  readonly database = new MemoryDatabase();
  /** What whoever watches was told. */
  readonly told: string[] = [];
  /** Questions that were asked, and the answers that are still to be given; none left: no. */
  readonly asked: string[] = [];
  readonly answers: ((question: PersonQuestion) => boolean | Promise<boolean>)[] = [];
  readonly #setup: VolumeSetup;

  constructor(setup: VolumeSetup = {}, media = new MemoryMedia()) {
    this.#setup = setup;
    this.media = media;
  }

  /** Somebody sits there. */
  readonly ask = async (question: PersonQuestion): Promise<boolean> => {
    this.asked.push(question.text);
    return (await this.answers.shift()?.(question)) ?? false;
  };

  open(more: VolumeSetup = {}): Promise<OpenedVolumes> {
    return openMemoryVolumes(this.media, this.catalogue, { ...this.#setup, ...more, told: this.told });
  }

  async sync(run: MediaRun = {}): Promise<TreesEnd> {
    const { simulation = false, world, over = (vfs: Vfs) => vfs, options = { syncRemove: true }, bothWays = false, asTarget = false } = run;
    const { vfs } = await this.open({ ...run.setup, simulation });
    const set = over(vfs);
    const targets = [...(asTarget ? [0] : []), ...(bothWays || asTarget ? [] : [1])];
    const end = await syncTrees({
      roots: [
        { vfs: this.source, targetOnly: asTarget },
        { vfs: set, targetOnly: !bothWays && !asTarget },
      ],
      options,
      simulation,
      baseline: this.database.open(['source', 'set'], world, targets),
      ...(world === undefined ? {} : { world }),
    });
    await set.close();
    return end;
  }

  /** The lines of a run without problems. */
  async lines(run: MediaRun = {}): Promise<readonly string[]> {
    const end = await this.sync(run);
    assert.deepEqual({ end: end.end, problems: end.problems, collisions: end.collisions }, { end: 'finished', problems: [], collisions: [] });
    return end.lines;
  }

  /** Files by the medium that they are on, whatever the catalogue says: `1: a d/b`. Media that are away, too. */
  async placed(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const [medium, vfs] of [...this.media.all].sort(([a], [b]) => a - b)) {
      const files = [...(await listMedium(vfs, { recovers: false }))].filter(([, { kind }]) => kind !== 'directory').map(([path]) => path);
      if ((await vfs.stat('medium.syncvol')) !== undefined || (await foreignNames(vfs)).length > 0)
        lines.push(`${medium}: ${files.sort().join(' ')}`.trim());
    }
    return lines;
  }

  /** The catalogue, the media that are in reach, and what is counted agree, as a run finds them. */
  async agrees(): Promise<void> {
    const { catalogue, vfs } = await this.open({ simulation: true });
    for (const { medium, free } of [...this.media.all.keys()].map((one) => ({ medium: one, free: this.media.get(one) }))) {
      if (this.media.away.has(medium)) continue;
      const found = await listMedium(free, { recovers: false });
      const bytes = [...found.values()].reduce((sum, entry) => sum + catalogue.costOf(entry.kind === 'file' ? entry.size : 0), 0);
      assert.equal(catalogue.usedOf(medium), bytes, `what medium ${medium} holds`);
      assert.deepEqual(catalogue.supersededOn(medium), [], `nothing superseded stays on medium ${medium}`);
    }
    assert.deepEqual(catalogue.intents(), []);
    await vfs.close();
  }
}
