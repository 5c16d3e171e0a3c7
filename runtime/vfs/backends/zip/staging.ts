import type { FileHandle } from 'node:fs/promises';
import { deflated, Meter } from './compress.ts';
import { buildRecord, DEFLATED, type DirectoryRecord, type EntryFacts, movedRecord } from './directory-record.ts';
import { readExactly } from './file-bytes.ts';
import { buildLocalHeader } from './local-header.ts';
import type { Stage } from './stage.ts';
import { Turnstile } from './turnstile.ts';

/** Where an entry is that is not in the archive yet. Its record's offset is its position in the stage. */
export interface StagedPlace {
  readonly stage: Stage;
  /** Of header and data. */
  readonly length: number;
  /** The stage is for nothing else. */
  readonly isApart: boolean;
}

/** What is known of a content before it came. */
export interface FlowFacts extends Pick<EntryFacts, 'rawName' | 'modifiedMs' | 'unixMode' | 'method'> {
  readonly level: number;
  /** undefined: not known. */
  readonly announced: number | undefined;
}

const COPY_PIECE = 4 * 1024 * 1024;
/** Deflate may make a content longer, by less than this part of it. */
const WIDE_FROM = 0xf000_0000;

/** Puts new entries into stages, one after the other, and knows where each of them is. */
export class Staging {
  readonly #turns = new Turnstile();
  readonly #create: () => Promise<Stage>;
  readonly #places = new Map<DirectoryRecord, StagedPlace>();
  #current: Stage | undefined;
  /** Bytes of entries in stages of their own. */
  #apart = 0;

  /** `create` makes the next stage. */
  constructor(create: () => Promise<Stage>) {
    this.#create = create;
  }

  /** Bytes in the stage that is being filled, and in those of large contents. */
  get length(): number {
    return (this.#current?.length ?? 0) + this.#apart;
  }

  placeOf(record: DirectoryRecord): StagedPlace | undefined {
    return this.#places.get(record);
  }

  put(facts: EntryFacts, data: Uint8Array): Promise<DirectoryRecord> {
    return this.#turns.pass(() => this.putHere(facts, data));
  }

  /** `put` for who has the turn (see `settled`). */
  async putHere(facts: EntryFacts, data: Uint8Array): Promise<DirectoryRecord> {
    const stage = await this.#stage();
    const header = buildLocalHeader(facts);
    const position = await stage.append(header, data);
    return this.#know(stage, facts, position, header.length + data.length);
  }

  /** `put` for many. */
  putAll(entries: readonly { readonly facts: EntryFacts; readonly data: Uint8Array }[]): Promise<DirectoryRecord[]> {
    return this.#turns.pass(async () => {
      const stage = await this.#stage();
      const headers = entries.map(({ facts }) => buildLocalHeader(facts));
      let position = await stage.append(...entries.flatMap(({ data }, i) => [headers[i] as Buffer, data]));
      return entries.map(({ facts, data }, i) => {
        const length = (headers[i] as Buffer).length + data.length;
        position += length;
        return this.#know(stage, facts, position - length, length);
      });
    });
  }

  /** Takes a content whose size is not known before, in a stage of its own so that nobody waits for it: the header is written again at the end. */
  async flow(flow: FlowFacts, chunks: AsyncIterable<Uint8Array>): Promise<DirectoryRecord> {
    const stage = await this.#create();
    try {
      const { rawName, modifiedMs, unixMode, method, level, announced } = flow;
      const wide = announced === undefined || announced >= WIDE_FROM;
      const unknown = { rawName, modifiedMs, unixMode, method, crc: 0, size: 0, compressedSize: 0 };
      await stage.append(buildLocalHeader(unknown, wide));
      const dataAt = stage.length;
      const meter = new Meter();
      const counted = meter.count(chunks);
      for await (const chunk of method === DEFLATED ? deflated(counted, level) : counted) await stage.append(chunk);
      const facts = { ...unknown, crc: meter.crc, size: meter.size, compressedSize: stage.length - dataAt };
      await stage.patch(buildLocalHeader(facts, wide), 0);
      return this.#know(stage, facts, 0, stage.length);
    } finally {
      await stage.release();
    }
  }

  /** For who has the turn: the same entry in the stage that is being filled, wherever it was staged. */
  async gatherHere(record: DirectoryRecord): Promise<DirectoryRecord> {
    const stage = await this.#stage();
    const place = this.#places.get(record);
    if (place === undefined || place.stage === stage) return record;
    const position = stage.length;
    try {
      for (let done = 0; done < place.length; done += COPY_PIECE) {
        await stage.append(await readExactly(place.stage.file, record.headerOffset + done, Math.min(COPY_PIECE, place.length - done)));
      }
    } catch (error) {
      await stage.cut(position);
      throw error;
    }
    const gathered = this.#knowAs(movedRecord(record, position), stage, place.length);
    await this.forget(record);
    return gathered;
  }

  /** Takes the packed data of another entry as it is. */
  copy(facts: EntryFacts, from: FileHandle, dataAt: number): Promise<DirectoryRecord> {
    return this.#turns.pass(async () => {
      const stage = await this.#stage();
      const start = stage.length;
      try {
        const position = await stage.append(buildLocalHeader(facts));
        for (let done = 0; done < facts.compressedSize; done += COPY_PIECE) {
          await stage.append(await readExactly(from, dataAt + done, Math.min(COPY_PIECE, facts.compressedSize - done)));
        }
        return this.#know(stage, facts, position, stage.length - position);
      } catch (error) {
        await stage.cut(start);
        throw error;
      }
    });
  }

  /** The record is in the archive now, or nowhere. */
  async forget(record: DirectoryRecord): Promise<void> {
    const place = this.#places.get(record);
    if (place === undefined) return;
    this.#places.delete(record);
    if (place.isApart) this.#apart -= place.length;
    await place.stage.release();
  }

  /** Drops whatever is not in the archive. */
  async abandon(): Promise<void> {
    await this.#current?.release();
    this.#current = undefined;
    for (const record of [...this.#places.keys()]) await this.forget(record);
  }

  /** Everything that was put is in its file while `act` runs, and nothing is put meanwhile. */
  settled<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.pass(async () => {
      await this.settleHere();
      return act();
    });
  }

  /** The same for who has the turn. */
  async settleHere(): Promise<void> {
    await this.#current?.settle();
  }

  /** The stage that is being filled, for who has the turn. */
  async #stage(): Promise<Stage> {
    this.#current ??= await this.#create();
    return this.#current;
  }

  /** For who has the turn: whether the stage that is being filled begins with one of these, or with what comes next. */
  beginsWith(records: readonly DirectoryRecord[]): boolean {
    const stage = this.#current;
    if (stage === undefined || stage.length === 0) return true;
    return records.some((record) => record.headerOffset === 0 && this.#places.get(record)?.stage === stage);
  }

  /** For who has the turn: what comes next goes into another stage. */
  retire(): Stage | undefined {
    const stage = this.#current;
    this.#current = undefined;
    return stage;
  }

  /** For who has the turn: the stage as it is, made when there is none. */
  current(): Promise<Stage> {
    return this.#stage();
  }

  #know(stage: Stage, facts: EntryFacts, position: number, length: number): DirectoryRecord {
    return this.#knowAs(buildRecord(facts, position), stage, length);
  }

  #knowAs(record: DirectoryRecord, stage: Stage, length: number): DirectoryRecord {
    stage.hold();
    const isApart = stage !== this.#current;
    this.#places.set(record, { stage, length, isApart });
    if (isApart) this.#apart += length;
    return record;
  }
}
