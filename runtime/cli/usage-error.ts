import { printable, printableLines } from '../printable.ts';

/** The command line asks for something that cannot be: exit code 2. The message says what is wrong and what to write instead, and is safe to show. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** `lines`: the message has line feeds of ours, and what it names is printable already. */
  constructor(message: string, form: 'line' | 'lines' = 'line') {
    super(form === 'line' ? printable(message) : printableLines(message));
  }
}
