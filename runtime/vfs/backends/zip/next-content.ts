import type { Content, NewEntry } from './commit.ts';
import type { DirectoryRecord, EntryFacts } from './directory-record.ts';
import type { EntryTree, ZipDirectory, ZipFile, ZipOther } from './entry-tree.ts';
import type { Stage } from './stage.ts';
import type { Staging } from './staging.ts';

const DIRECTORY_MODE = 0o040755;

/** A file or directory that has an entry. */
export type RecordNode = ZipFile | (ZipDirectory & { record: DirectoryRecord });

/** What an archive is to hold at one instant. */
export interface NextContent extends Content {
  readonly nodes: readonly RecordNode[];
  readonly others: readonly ZipOther[];
  /** Holds some of what is added; to be released afterwards. */
  readonly stage: Stage | undefined;
}

/** For who has the turn: what is changed from here on is for the next commit. */
export async function nextContent(tree: EntryTree, staging: Staging): Promise<NextContent> {
  const nodes = await recordNodes(tree, staging);
  await staging.settleHere();
  const stage = staging.retire();
  const others: ZipOther[] = [];
  const kept: DirectoryRecord[] = [];
  const added: NewEntry[] = [];
  for (const { record } of nodes) {
    const staged = staging.placeOf(record);
    if (staged === undefined) kept.push(record);
    else added.push({ record, file: staged.stage.file, position: record.headerOffset, length: staged.length });
  }
  for (const [, node] of tree.nodes()) if (node.kind === 'other') others.push(node);
  kept.push(...others.flatMap(({ records }) => records));
  return { nodes, others, kept, added, stage };
}

/** For who has the turn: all that has an entry. Empty folders, and those that were made, get one of their own. */
export async function recordNodes(tree: EntryTree, staging: Staging): Promise<RecordNode[]> {
  const found: RecordNode[] = [];
  for (const [path, node] of tree.nodes()) {
    if (node.kind === 'other') continue;
    if (node.kind === 'directory' && node.record === undefined && (node.isMade || node.children.size === 0)) {
      node.record = await staging.putHere(directoryFacts(path), new Uint8Array());
    }
    if (node.record !== undefined) found.push(node as RecordNode);
  }
  return found;
}

/** Entries have other records from now on, which say the same of another place. */
export function exchangeRecords({ nodes, others }: NextContent, exchanged: ReadonlyMap<DirectoryRecord, DirectoryRecord>): void {
  for (const node of nodes) node.record = exchanged.get(node.record) ?? node.record;
  for (const other of others) other.records = other.records.map((record) => exchanged.get(record) ?? record);
}

function directoryFacts(path: string): EntryFacts {
  return { rawName: Buffer.from(`${path}/`), modifiedMs: Date.now(), unixMode: DIRECTORY_MODE, method: 0, crc: 0, size: 0, compressedSize: 0 };
}
