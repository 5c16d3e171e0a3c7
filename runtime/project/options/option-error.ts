/** A project option that cannot be used. `option` is its path as a user writes it (`roots[1].autoMkdir`); the message names it too. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}
