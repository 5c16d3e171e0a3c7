import { joinPath } from '../../path.ts';
import { NOTHING } from '../../vfs.ts';
import { copyFile } from './copy-file.ts';
import { sizeOfRevision } from './file-facts.ts';
import type { ArrivedPacked, CopyNewTask, TaskError } from './file-task.ts';
import { localError } from './local-error.ts';
import { noteFailure, requireMayBegin } from './root-handle.ts';
import type { TaskContext } from './task-context.ts';

/** One file after the other, each as by itself. Never throws. */
export function copyNewFiles(task: CopyNewTask, context: TaskContext): ArrivedPacked {
  const revisions: string[] = [];
  const fileIds: string[] = [];
  const errors: [number, TaskError][] = [];
  const { root, source } = task;
  for (const { directory, names, revisions: wanted, modifiedMs, modes } of task.batch) {
    const allWanted = wanted.split('|');
    for (const [i, name] of names.split('/').entries()) {
      const path = joinPath(directory, name);
      const revision = allWanted[i] as string;
      try {
        context.directories(root).refresh();
        context.directories(source).refresh();
        requireMayBegin(context.directories(root).root, path);
        const stamp = copyFile(
          {
            op: 'copy',
            root,
            path,
            source,
            from: path,
            revision,
            size: sizeOfRevision(revision),
            expected: NOTHING,
            modifiedMs: modifiedMs[i] ?? undefined,
            mode: modes?.[i] ?? undefined,
          },
          context,
        );
        revisions.push(stamp.revision);
        fileIds.push(stamp.fileId ?? '');
      } catch (error) {
        noteFailure(context.directories(root).root);
        const translated = localError(error, path);
        const { code, message, inContent } = translated;
        errors.push([revisions.length, { code, path: translated.path, message, inContent }]);
        revisions.push('');
        fileIds.push('');
      }
    }
  }
  return { revisions: revisions.join('|'), fileIds: fileIds.join('|'), errors };
}
