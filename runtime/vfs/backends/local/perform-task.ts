import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  futimesSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { parentOf } from '../../path.ts';
import type { Entry, FileNode, LinkNode, Stamp } from '../../vfs.ts';
import { VfsError } from '../../vfs-error.ts';
import { copyFile } from './copy-file.ts';
import { copyNewFiles } from './copy-new-files.ts';
import { fileNodeOf, lstatOf, modifiedMsOf, requireExpected, revisionOf, settableTime, stampOf } from './file-facts.ts';
import type {
  AddNameTask,
  FileTask,
  FoundDirectory,
  LinkTask,
  MakeTask,
  RemoveDirectoryTask,
  RemoveTask,
  RenameTask,
  StatTask,
  TakeOverTask,
  TaskResult,
  TaskValue,
  TouchTask,
} from './file-task.ts';
import { rootsOf } from './file-task.ts';
import { describe, identitiesAbove } from './list-directory.ts';
import { errnoOf, isAbsence, localError } from './local-error.ts';
import type { Place } from './opened-directories.ts';
import { packFiles } from './pack-files.ts';
import { requireMayBegin, requireRunning } from './root-handle.ts';
import type { TaskContext } from './task-context.ts';

/** Does one task by synchronous calls. Never throws. */
export function performTask(task: FileTask, context: TaskContext): TaskResult {
  try {
    for (const root of rootsOf(task)) context.directories(root).refresh();
    const { root } = context.directories(task.root);
    if (task.op === 'copy') requireMayBegin(root, task.path);
    else requireRunning(root, task.path);
    const value = perform(task, context);
    return value === undefined ? {} : { value };
  } catch (error) {
    const { code, path, message, inContent } = localError(error, task.path);
    return { error: { code, path, message, inContent } };
  }
}

function perform(task: FileTask, context: TaskContext): TaskValue | undefined {
  switch (task.op) {
    case 'stat':
      return look(task, context);
    case 'copy':
      return copyFile(task, context);
    case 'copy-new':
      return copyNewFiles(task, context);
    case 'pack':
      return packFiles(task, context);
    case 'remove':
      return removeFile(task, context);
    case 'make':
      return makeDirectory(task, context);
    case 'remove-directory':
      return removeDirectory(task, context);
    case 'touch':
      return setModified(task, context);
    case 'rename':
      return rename(task, context);
    case 'add-name':
      return addName(task, context);
    case 'take-over':
      return takeOver(task, context);
    case 'link':
      return makeLink(task, context);
  }
}

/** undefined: nothing there, or something else than a folder on the way. */
function look({ root, path }: StatTask, context: TaskContext): Entry | undefined {
  const directories = context.directories(root);
  const { path: rootPath, followLinks, noLinksTo, modes } = directories.root;
  try {
    const place = directories.place(path);
    const above = followLinks ? identitiesAbove(rootPath, parentOf(path)) : NOWHERE;
    return describe(place.directory, place.name, { rootPath, followLinks, noLinksTo, modes }, above);
  } catch (error) {
    if (isAbsence(localError(error, path))) return undefined;
    throw error;
  }
}
const NOWHERE = new Set<string>();

/** The name itself goes: with `followLinks` a link, not what it leads to. */
function removeFile(task: RemoveTask, context: TaskContext): undefined {
  const directories = context.directories(task.root);
  const place = directories.place(task.path);
  const { at } = place;
  directories.requireOwnName(task.path);
  directories.confirm(place);
  requireExpected(directories.root.followLinks ? directories.target(task.path).at : at, task.expected, task.path);
  if (lstatOf(at)?.isDirectory() === true) throw new VfsError('wrong-kind', task.path, 'a file was expected here, but there is a folder');
  unlinkSync(at);
}

function makeDirectory(task: MakeTask, context: TaskContext): undefined {
  const directories = context.directories(task.root);
  const place = directories.place(task.path);
  directories.confirm(place);
  mkdirSync(place.at);
}

function removeDirectory(task: RemoveDirectoryTask, context: TaskContext): undefined {
  const directories = context.directories(task.root);
  const place = directories.place(task.path);
  directories.requireOwnName(task.path);
  directories.confirm(place);
  if (directories.root.followLinks && lstatOf(place.at)?.isSymbolicLink() === true) return removeFollowedLink(place);
  try {
    rmdirSync(place.at);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw new VfsError('not-empty', task.path, 'the folder is not empty');
    throw error;
  }
}

/** A link that was shown as the directory it leads to: the link goes, once nothing is left to be seen through it. */
function removeFollowedLink({ at, path }: Place): undefined {
  if (existsSync(at) && readdirSync(at).length > 0) throw new VfsError('not-empty', path, 'the folder is not empty');
  unlinkSync(at);
}

/** Through a descriptor, since the call that takes a path follows links. */
function setModified(task: TouchTask, context: TaskContext): Stamp {
  const directories = context.directories(task.root);
  const place = directories.target(task.path);
  directories.confirm(place);
  requireExpected(place.at, task.expected, task.path);
  const access = process.platform === 'win32' ? constants.O_RDWR : constants.O_RDONLY;
  const fd = openSync(place.at, access | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const before = fstatSync(fd, { bigint: true });
    if (task.expected.kind !== 'file' || !before.isFile()) throw new VfsError('wrong-kind', task.path, 'only a file’s time can be set');
    if (revisionOf(before) !== task.expected.revision) throw new VfsError('changed', task.path, 'it is not as it was when the plan was made');
    futimesSync(fd, Number(before.atimeMs) / 1000, settableTime(task.modifiedMs));
    return stampOf(fstatSync(fd, { bigint: true }));
  } finally {
    closeSync(fd);
  }
}

/**
 * A file moves by a second name and the removal of the first, which never overwrites. Folders, links, and files where there are no hard links, are renamed after a
 * look at the new name: what appears there within these microseconds is lost if it is a file (links, files) or an empty folder (folders).
 */
function rename(task: RenameTask, context: TaskContext): FileNode | LinkNode | FoundDirectory {
  const directories = context.directories(task.root);
  const from = directories.place(task.path);
  const to = directories.place(task.to);
  if (directories.isOtherName(task.path))
    throw new VfsError('cross-device', task.path, 'it is seen through a link, and has another name in this root');
  directories.confirm(from);
  directories.confirm(to);
  const followed = directories.root.followLinks ? directories.target(task.path).at : from.at;
  requireExpected(followed, task.expected, task.path);
  const stats = lstatOf(from.at);
  if (stats === undefined) throw new VfsError('not-found', task.path, 'there is nothing at this path (any more)');
  const there = lstatOf(to.at);
  const sameThing = there !== undefined && there.ino === stats.ino && there.dev === stats.dev && isCaseChange(from, to);
  if (there !== undefined && !sameThing) throw new VfsError('exists', task.to, 'something is already there');
  if (sameThing || !stats.isFile() || !linkAcross(from, to)) renameSync(from.at, to.at);
  if (stats.isDirectory()) {
    directories.close();
    return { kind: 'directory' };
  }
  if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(to.at), modifiedMs: modifiedMsOf(stats) };
  return fileNodeOf(lstatOf(to.at) ?? stats, directories.root.modes);
}

/** Where links are followed the name may be one, and a second name of it would not be one of the file. */
function addName(task: AddNameTask, context: TaskContext): undefined {
  const directories = context.directories(task.root);
  if (directories.root.followLinks) throw new VfsError('unsupported', task.path, 'no second name is given where links are followed');
  const from = directories.place(task.path);
  const to = directories.place(task.to);
  directories.confirm(from);
  directories.confirm(to);
  requireExpected(from.at, task.expected, task.path);
  if (!nameAgain(from, to)) throw new VfsError('unsupported', task.path, 'there are no hard links here');
}

/** As `rename`, with the new name in another root. */
function takeOver(task: TakeOverTask, context: TaskContext): undefined {
  const [here, there] = [context.directories(task.root), context.directories(task.source)];
  const to = here.place(task.path);
  const from = there.place(task.from);
  there.requireOwnName(task.from);
  here.confirm(to);
  there.confirm(from);
  requireExpected(from.at, task.expected, task.from);
  if (lstatOf(to.at) !== undefined) throw new VfsError('exists', task.path, 'something is already there');
  if (task.expected.kind !== 'file' || !linkAcross(from, to)) renameSync(from.at, to.at);
  there.close();
}

/** On a file system that ignores case, `a` → `A` finds itself. */
function isCaseChange(from: Place, to: Place): boolean {
  return from.directory === to.directory && from.name !== to.name && from.name.toLowerCase() === to.name.toLowerCase();
}

function linkAcross(from: Place, to: Place): boolean {
  if (!nameAgain(from, to)) return false;
  unlinkSync(from.at);
  return true;
}

/** False: there are no hard links. */
function nameAgain(from: Place, to: Place): boolean {
  try {
    linkSync(from.at, to.at);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') throw new VfsError('exists', to.path, 'something is already there');
    if (errno === 'ENOENT' || errno === 'ENOSPC' || errno === 'EROFS' || errno === 'ENAMETOOLONG') throw error;
    return false;
  }
  return true;
}

function makeLink(task: LinkTask, context: TaskContext): LinkNode {
  const directories = context.directories(task.root);
  const place = directories.place(task.path);
  directories.confirm(place);
  requireExpected(place.at, task.expected, task.path);
  if (task.expected.kind === 'directory') throw new VfsError('wrong-kind', task.path, 'a link cannot take the place of a folder');
  if (task.expected.kind === 'nothing') {
    symlinkSync(task.target, place.at);
    setLinkTime(place.at, task.modifiedMs);
  } else replaceByLink(place, task, context);
  const stats = lstatOf(place.at);
  return { kind: 'link', target: task.target, ...(stats === undefined ? {} : { modifiedMs: modifiedMsOf(stats) }) };
}

function replaceByLink(place: Place, task: LinkTask, context: TaskContext): void {
  const part = `${place.directory}/${context.partName()}`;
  symlinkSync(task.target, part);
  try {
    setLinkTime(part, task.modifiedMs);
    requireExpected(place.at, task.expected, task.path);
    renameSync(part, place.at);
  } catch (error) {
    unlinkSync(part);
    throw error;
  }
}

function setLinkTime(at: string, modifiedMs: number | undefined): void {
  if (modifiedMs !== undefined) lutimesSync(at, Date.now() / 1000, settableTime(modifiedMs));
}
