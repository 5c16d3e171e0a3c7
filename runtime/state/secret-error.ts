/**
 * - `name`, `value`: cannot be kept; nothing was changed.
 * - `exposed`: others can read or change the files of the store.
 * - `foreign`: the store was encrypted on another machine, by another user, or with another key file.
 * - `damaged`: one secret is not what was written.
 * - `keychain`: the operating system's keychain is not there, does not answer, or has lost the secret.
 */
export type SecretErrorCode = 'name' | 'value' | 'exposed' | 'foreign' | 'damaged' | 'keychain';

/** Why a secret cannot be kept or had. The message never holds a value; it says which file or secret, what is wrong and what to do. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly code: SecretErrorCode;

  constructor(code: SecretErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
