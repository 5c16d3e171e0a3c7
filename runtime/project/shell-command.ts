import { shellWord } from '../permissions/shell-word.ts';

/** Words as one line that can be pasted into this platform's shell. */
export function shellCommand(words: readonly string[]): string {
  return words.map((word) => shellWord(word)).join(' ');
}
