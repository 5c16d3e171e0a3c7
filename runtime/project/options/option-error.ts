/** A project option that cannot be used. `option` is its path as a user writes it (`roots[1].autoMkdir`); the message names it too. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}

/** What `parse` gives; the RangeError of a text that it cannot understand, whose message finishes the sentence, becomes the option's. */
export function understood<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OptionError(option, `option "${option}" ${error.message}`);
  }
}
