import { shellCommand } from '../project/shell-command.ts';
import { OPTIONS } from './options.ts';

/**
 * The command line that was given, as it must be given again to let a plan pass the guard: with `--approve`, and in earnest, for approving a
 * simulation does nothing.
 */
export function approvalCommand(args: readonly string[], planId: string): string {
  const end = args.indexOf('--');
  const own = inEarnest(end < 0 ? args : args.slice(0, end));
  return shellCommand(['sxrun', ...own, '--approve', planId, ...(end < 0 ? [] : args.slice(end))]);
}

/** Without `-s` and without an approval given before; arguments of other options stay what they are. */
function inEarnest(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    const { kept, takesNext } = word.startsWith('--') ? longOption(word) : /^-./.test(word) ? shortOptions(word) : { kept: word, takesNext: false };
    const argument = takesNext ? args[++i] : undefined;
    if (kept === undefined) continue;
    words.push(kept, ...(argument === undefined ? [] : [argument]));
  }
  return words;
}

interface Word {
  /** What is left of it; undefined: nothing, its argument goes too. */
  readonly kept: string | undefined;
  readonly takesNext: boolean;
}

function longOption(word: string): Word {
  const [name] = word.slice(2).split('=', 1);
  const takesNext = !word.includes('=') && OPTIONS.some((option) => option.long === name && option.argument !== undefined);
  return { kept: name === 'simulate' || name === 'approve' ? undefined : word, takesNext };
}

/** `-sv`; what follows a letter whose option takes an argument is that argument. */
function shortOptions(word: string): Word {
  let letters = '-';
  for (let i = 1; i < word.length; i++) {
    const option = OPTIONS.find((known) => known.short === word[i]);
    if (option?.argument !== undefined) return { kept: letters + word.slice(i), takesNext: i === word.length - 1 };
    if (option?.long !== 'simulate') letters += word[i];
  }
  return { kept: letters === '-' ? undefined : letters, takesNext: false };
}
