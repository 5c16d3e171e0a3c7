/**
 * Characters that change how a terminal or a reader shows the text around them: C0 and C1 controls, line and paragraph separators,
 * bidirectional marks and overrides (Unicode TR 36, "Trojan Source"), the byte order mark, halves of surrogate pairs, and what shows as nothing at all (soft
 * hyphen, zero width space, word joiner, fillers), so that two names never look the same; but for the joiners that words and emoji are written with.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|\p{Surrogate}/gu;

/** `text` on one line, harmless wherever it is shown: unprintable characters become `\n`, `\r`, `\t`, `\x1b`, `\u202e`. For names, paths and foreign messages. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** Like `printable`, but line feeds stay: for messages of ours that have several lines. What goes into them is `printable` already. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** True when `printable` would show `text` as it is. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
