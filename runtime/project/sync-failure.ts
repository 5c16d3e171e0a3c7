import type { FileErrorCode, SyncErrorCode, WireError } from '../../sdk/protocol.ts';
import type { RunEvent } from '../engine/events.ts';
import type { SyncEnd } from '../engine/sync-run.ts';
import { NeedError } from '../permissions/need.ts';
import { PermissionError } from '../permissions/permission-error.ts';
import { printable } from '../printable.ts';
import { ScriptCallError } from '../sandbox/script-host.ts';
import { ScriptError } from '../sandbox/script-error.ts';
import { StateError } from '../state/state-error.ts';
import { VfsError, type VfsErrorCode } from '../vfs/vfs-error.ts';
import { OptionError } from './options/option-error.ts';
import type { ExitCode } from './run-request.ts';
import { wireResultOf } from './wire-result.ts';

/** What an error during `sync.do` is for the script; undefined for a defect, which ends the run. */
export function wireErrorOf(error: unknown): WireError | undefined {
  if (error instanceof ScriptCallError) return error.error;
  if (error instanceof OptionError || error instanceof NeedError) return { code: 'options', message: error.message };
  if (error instanceof PermissionError) return { code: 'permission', message: error.message };
  if (error instanceof StateError) return { code: error.code === 'locked' ? 'locked' : 'database', message: error.message };
  if (error instanceof ScriptError)
    return { code: error.code === 'callback' || error.code === 'thrown' ? 'callback' : 'script', message: error.message };
  if (error instanceof VfsError) return { code: ROOT_CODES[error.code] ?? 'root', message: error.message, path: error.path };
  return undefined;
}

const ROOT_CODES: Partial<Readonly<Record<VfsErrorCode, SyncErrorCode>>> = { aborted: 'interrupted', locked: 'locked' };

/** An end of a run that its script hears of as a SyncError; undefined when the run finished. */
export function failureOf(end: SyncEnd): WireError | undefined {
  if (end.end === 'finished') return undefined;
  const result = wireResultOf(end.result);
  switch (end.end) {
    case 'guarded': {
      const figures = end.reasons.join('; ');
      const message = `nothing was changed: ${figures}. If this is what you want, run it once with --approve ${end.planId}, which holds for exactly this plan`;
      return { code: 'guard', message, result };
    }
    case 'interrupted':
      return { code: 'interrupted', message: 'interrupted; what was done is recorded, the next run goes on', result };
    case 'failed': {
      const isRoot = end.code === 'unreachable' || end.path === '';
      const place = end.path === undefined || end.path === '' ? '' : `"${end.path}"`;
      const where = end.root === undefined ? place : [place, `on root ${end.root}`].filter(Boolean).join(' ');
      return {
        code: end.code === 'locked' ? 'locked' : isRoot ? 'root' : 'stopped',
        message: where === '' ? end.message : `${where}: ${end.message}`,
        result,
        ...(end.path === undefined ? {} : { path: end.path }),
        ...(end.root === undefined ? {} : { root: end.root }),
      };
    }
  }
}

/** An error of a file that a function of the SDK handles; `url` is how the script named it. */
export function fileFailureOf({ code, message }: VfsError, url: string): WireError {
  return { code: FILE_CODES[code], message: `${printable(url)}: ${message}`, path: url };
}
const FILE_CODES: Readonly<Record<VfsErrorCode, FileErrorCode | 'root' | 'locked' | 'interrupted'>> = {
  'not-found': 'not-found',
  exists: 'exists',
  changed: 'changed',
  'not-empty': 'not-empty',
  'wrong-kind': 'wrong-kind',
  denied: 'denied',
  'read-only': 'read-only',
  'no-space': 'no-space',
  'name-refused': 'file',
  'too-large': 'too-large',
  outside: 'file',
  absent: 'file',
  unreachable: 'root',
  locked: 'locked',
  transient: 'file',
  aborted: 'interrupted',
  'cross-device': 'file',
  unsupported: 'file',
  failed: 'file',
};

/** What a command exits with that ends with an error of that code, uncaught. */
export function exitCodeOf(code: SyncErrorCode): ExitCode {
  switch (code) {
    case 'permission':
    case 'guard':
      return 3;
    case 'locked':
      return 4;
    case 'interrupted':
      return 130;
    default:
      return 2;
  }
}

export function causeOf(code: SyncErrorCode): Extract<RunEvent, { type: 'stopped' }>['cause'] {
  switch (code) {
    case 'guard':
      return 'guard';
    case 'permission':
      return 'permission';
    case 'locked':
      return 'lock';
    case 'interrupted':
      return 'interrupt';
    default:
      return 'error';
  }
}
