import { basename } from 'node:path';
import type { FileMethods } from '../../../sdk/xfile-protocol.ts';
import { versionOf } from '../../engine/plan.ts';
import { expectedOf } from '../../vfs/expected.ts';
import { printable } from '../../printable.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { HostContext } from './host-function.ts';
import { atPlaces, permit } from './xfile-places.ts';
import { entryAt, readTree, removeTree, requireRemovable, type TreeItem } from './xfile-tree.ts';
import { change } from './xfile-write.ts';

type Request<Method extends keyof FileMethods> = FileMethods[Method]['request'];

export async function remove({ url, options }: Request<'xfile.remove'>, context: HostContext): Promise<null> {
  return change({ url, access: 'write', itself: true }, `remove ${printable(url)}`, context, async (place) => {
    const entry = await entryAt(place);
    if (entry.kind === 'directory') throw new VfsError('wrong-kind', place.path, 'it is a folder; xfile.rmdir or xfile.removeRecursive removes it');
    if (entry.kind === 'other') throw new VfsError('wrong-kind', place.path, `it is neither file nor link: ${entry.reason}`);
    const known = options?.ifUnchanged;
    if (known !== undefined && (known.kind !== entry.kind || known.revision !== versionOf(entry)))
      throw new VfsError('changed', place.path, 'it has changed since it was looked at, and stays');
    await place.vfs.removeFile(place.path, expectedOf(entry, place.path));
  });
}

export async function rmdir({ url }: Request<'xfile.rmdir'>, context: HostContext): Promise<null> {
  return change({ url, access: 'write', itself: true }, `remove the folder ${printable(url)}`, context, async (place) => {
    await requireRemovable(place, 'removed', context);
    await place.vfs.removeDirectory(place.path);
  });
}

export async function removeRecursive({ url, options }: Request<'xfile.removeRecursive'>, context: HostContext): Promise<null> {
  const wanted = { url, access: 'read and write', itself: true } as const;
  if (context.simulation) {
    await permit([wanted], context);
    context.suppress(options.keepRoot === true ? `empty the folder ${printable(url)}` : `remove the folder ${printable(url)} and all below it`);
    return null;
  }
  return atPlaces([wanted], context, async (place) => {
    await requireRemovable(place, 'removed', context);
    const top = await entryAt(place);
    if (top.kind !== 'directory') throw new VfsError('wrong-kind', place.path, 'it is no folder; xfile.remove removes files and links');
    const items = await readTree(place, top, context);
    const removed = options.keepRoot === true ? items.filter(({ below }) => below !== '') : items;
    if (options.confirm !== false) await confirm(url, removed, context);
    await removeTree(place, removed, context);
    return null;
  });
}

/** Rejects unless a person says yes. */
async function confirm(url: string, items: readonly TreeItem[], context: HostContext): Promise<void> {
  const folders = items.filter(({ entry }) => entry.kind === 'directory').length;
  const what = `${counted(items.length - folders, 'file')} and ${counted(folders, 'folder')} in ${printable(url)}`;
  const { ask } = context.command.request;
  if (ask === undefined) {
    const message = `xfile.removeRecursive asks before it removes ${what}, and nobody can be asked here; { confirm: false } says that the script is sure`;
    throw new ScriptCallError({ code: 'no-answer', message, path: url });
  }
  const dropped = new AbortController();
  const answered = context.atEnd(async () => dropped.abort());
  const question = { script: basename(context.projectFile), text: `Remove ${what}? (yes/no)`, hidden: false };
  const answer = await ask.answer(question, dropped.signal).finally(answered);
  if (answer === undefined) throw new ScriptCallError({ code: 'interrupted', message: 'interrupted; nothing was removed' });
  if (!/^\s*y(?:es)?\s*$/i.test(answer))
    throw new ScriptCallError({ code: 'no-answer', message: `${printable(url)}: nothing was removed: the answer was no`, path: url });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
