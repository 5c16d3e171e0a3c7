import { shellCommand } from '../project/shell-command.ts';
import { OPTIONS } from './options.ts';

/**
 * The command line that was given, as it must be given again to let a plan pass the guard: with `--approve`, and in earnest, for approving a
 * simulation does nothing.
 */
export function approvalCommand(args: readonly string[], planId: string): string {
  const end = args.indexOf('--');
  const own = withoutApproval(end < 0 ? args : args.slice(0, end)).flatMap(inEarnest);
  return shellCommand(['sxrun', ...own, '--approve', planId, ...(end < 0 ? [] : args.slice(end))]);
}

function withoutApproval(args: readonly string[]): string[] {
  return args.filter((word, index) => word !== '--approve' && !word.startsWith('--approve=') && args[index - 1] !== '--approve');
}

/** `-s` is taken out, from `-sv` too; what follows a letter whose option takes an argument is that argument. */
function inEarnest(word: string): string[] {
  if (word === '--simulate') return [];
  if (!/^-[^-]/.test(word)) return [word];
  let letters = '-';
  for (let i = 1; i < word.length; i++) {
    const option = OPTIONS.find((known) => known.short === word[i]);
    if (option?.argument !== undefined) return [letters + word.slice(i)];
    if (option?.long !== 'simulate') letters += word[i];
  }
  return letters === '-' ? [] : [letters];
}
