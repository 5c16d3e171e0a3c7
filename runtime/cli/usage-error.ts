/** The command line asks for something that cannot be: exit code 2, the message says what is wrong and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
