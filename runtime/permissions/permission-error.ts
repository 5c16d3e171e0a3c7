/**
 * - `missing`: nobody could be asked; the message has the line that allows it.
 * - `denied`: the person asked said no.
 * - `refused`: out of reach whatever is granted (sxrun's own stores, devices, process memory, paths that cannot be resolved).
 */
export type PermissionErrorCode = 'missing' | 'denied' | 'refused';

/** What a script wanted and may not have. Exit code 3. `message` may have several lines; names in it are printable already. */
export class PermissionError extends Error {
  override readonly name = 'PermissionError';
  readonly code: PermissionErrorCode;

  constructor(code: PermissionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
