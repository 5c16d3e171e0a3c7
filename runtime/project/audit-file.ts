import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Audit } from '../permissions/audit.ts';
import { isPrintable, printable } from '../printable.ts';
import type { Redactor } from './redact.ts';
import { kindOf } from './roots/own-files.ts';
import { unwritableReason } from '../vfs/system-error.ts';

/** The audit log cannot be opened or written: nothing goes on unseen. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}

export interface AuditFile {
  readonly note: Audit;
  close(): void;
}

/**
 * `--audit FILE`: opened before the script starts, appended, readable by the user only where it is new. A line of JSON an entry, written at once: `time` (ISO, UTC), then the
 * entry; what is absent is left out. Secrets are not in it. Throws AuditError, and so does `note`.
 */
export function openAuditFile(path: string, redactor: Redactor): AuditFile {
  const attempt = <T>(what: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new AuditError(`--audit ${path} cannot be ${what}, and without it nothing is done: ${unwritableReason(error)}`, { cause: error });
    }
  };
  const kind = kindOf(path);
  if (kind !== undefined) throw new AuditError(`--audit ${printable(path)} has the name of ${kind}; name another file`);
  const fd = attempt('opened', () => openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600));
  return {
    note(entry) {
      const shown = Object.fromEntries(
        Object.entries(entry).map(([name, value]) => [name, typeof value === 'string' ? redactor.redact(value) : value]),
      );
      const text = JSON.stringify({ time: new Date().toISOString(), ...shown });
      attempt('written', () => writeSync(fd, `${isPrintable(text) ? text : escaped(text)}\n`));
    },
    close: () => closeSync(fd),
  };
}

/** Characters that would act on the terminal of whoever reads the log; for a reader of JSON nothing changes. */
function escaped(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => (isPrintable(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
