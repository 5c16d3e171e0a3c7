import type { WireAttachment, WireMailText } from '../../../sdk/mail-protocol.ts';
import { formatBytes } from '../../report/sizes.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import { nameOf } from '../../vfs/path.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { fileFailureOf } from '../sync-failure.ts';
import type { HostContext } from './host-function.ts';
import { atPlaces, type FilePlace, type WantedPlace } from './xfile-places.ts';
import { requireFile } from './xfile-read.ts';
import { entryAt } from './xfile-tree.ts';

const MOST_ATTACHED_BYTES = 25_000_000;
const MOST_TEXT_BYTES = 1_000_000;
/** A file that is being written to may be another one after the first bytes: then it is read again, so often. */
const ATTEMPTS = 5;

export interface MailFile {
  readonly filename: string;
  readonly content: Buffer;
  readonly contentType?: string;
}

/** A file of a mail, to be read. */
export function mailFile(url: string): WantedPlace {
  return { url, access: 'read', itself: false };
}

/** The text itself, or what its file has: with `last` only so many lines at its end. Rejects with ScriptCallError for a file that cannot be read. */
export async function mailText(text: WireMailText | undefined, context: HostContext): Promise<string | undefined> {
  if (text === undefined || typeof text === 'string') return text;
  const { file, last } = text;
  const { bytes, isWhole } = await atPlaces([mailFile(file)], context, (place) => readEnd(place, MOST_TEXT_BYTES));
  if (last === undefined) {
    if (!isWhole)
      throw tooLarge(file, `it has more than the ${formatBytes(MOST_TEXT_BYTES)} that a text may have; { last: 200 } takes its last lines`);
    return new TextDecoder().decode(bytes);
  }
  const lines = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  // Where the beginning is left out, the first line has lost its own.
  return `${(isWhole ? lines : lines.slice(1)).slice(-last).join('\n')}\n`;
}

/** Reads all attachments; together they have 25 MB at most. Rejects with ScriptCallError. */
export async function mailAttachments(attachments: readonly WireAttachment[], context: HostContext): Promise<readonly MailFile[]> {
  const files: MailFile[] = [];
  let left = MOST_ATTACHED_BYTES;
  for (const { path, bytes, filename, contentType } of attachments) {
    const content = path === undefined ? Buffer.from(bytes ?? '', 'base64') : await wholeFile(path, left, context);
    if (content.length > left) throw tooLarge(filename ?? '', MOST_ATTACHED);
    left -= content.length;
    const name = filename ?? nameOf((path ?? '').replaceAll('\\', '/'));
    files.push({ filename: name.replace(/\p{Cc}/gu, ' '), content, ...(contentType === undefined ? {} : { contentType }) });
  }
  return files;
}

const MOST_ATTACHED = `with it the attachments have more than ${formatBytes(MOST_ATTACHED_BYTES)}`;

async function wholeFile(url: string, mostBytes: number, context: HostContext): Promise<Buffer> {
  const { bytes, isWhole } = await atPlaces([mailFile(url)], context, (place) => readEnd(place, mostBytes));
  if (!isWhole) throw tooLarge(url, MOST_ATTACHED);
  return bytes;
}

interface End {
  readonly bytes: Buffer;
  /** Nothing before them was left out. */
  readonly isWhole: boolean;
}

/** The last bytes of a file. Rejects with VfsError. */
async function readEnd(place: FilePlace, mostBytes: number): Promise<End> {
  for (let attempt = 1; ; attempt++) {
    const entry = await entryAt(place);
    requireFile(entry, place);
    try {
      return await collectEnd(place, entry, mostBytes);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof VfsError) || error.code !== 'changed') throw error;
    }
  }
}

async function collectEnd({ vfs, path }: FilePlace, { size, revision }: { size?: number; revision: string }, mostBytes: number): Promise<End> {
  const from = Math.max(0, (size ?? 0) - mostBytes);
  let kept = 0;
  let isWhole = from === 0;
  const pieces: Uint8Array[] = [];
  for await (const piece of vfs.content(path, revision).open(from)) {
    pieces.push(piece);
    kept += piece.length;
    for (let first = pieces[0]; first !== undefined && kept - first.length >= mostBytes; first = pieces[0]) {
      pieces.shift();
      kept -= first.length;
      isWhole = false;
    }
  }
  const bytes = Buffer.concat(pieces);
  return bytes.length <= mostBytes ? { bytes, isWhole } : { bytes: bytes.subarray(bytes.length - mostBytes), isWhole: false };
}

function tooLarge(url: string, message: string): ScriptCallError {
  return new ScriptCallError(fileFailureOf(new VfsError('too-large', '', message), url));
}
