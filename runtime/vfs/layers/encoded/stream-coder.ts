/**
 * What comes out of a coder while `input` goes in. Errors of `input` are the result's own; any other error says in its message what the coder did wrong. What it gives before it
 * fails is of no use.
 */
export type StreamCoder = (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
/** Why there is none, in words that follow `the file cannot be encoded:`. */
export interface NoCoder {
  readonly refused: string;
}
