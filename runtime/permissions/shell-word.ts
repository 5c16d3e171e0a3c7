import { isPrintable } from '../printable.ts';

/**
 * `text` as one word of a command line that can be pasted: it comes out of the shell exactly as it went in, and nothing in it acts on the
 * terminal before. On Windows for PowerShell, and for cmd as far as plain double quotes do. `text` holds no NUL.
 */
export function shellWord(text: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? windowsWord(text) : posixWord(text);
}

function posixWord(text: string): string {
  if (/^[\w./:@%+,-][\w./:@%+,=-]*$/.test(text)) return text;
  if (isPrintable(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  // Command substitution drops line feeds at the end; only there they stand as they are.
  const end = /\n*$/.exec(text)?.[0] ?? '';
  const format = [...text.slice(0, text.length - end.length)].map(printfCharacter).join('');
  return `"$(printf '${format}')"${end && `'${end}'`}`;
}

/** For a printf format in single quotes: bytes as octal numbers where they are not plain; `!` because it is inside of double quotes (history of bash). */
function printfCharacter(character: string): string {
  if (character === '%') return '%%';
  if (isPrintable(character) && !"'\\!".includes(character)) return character;
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** Quotes of any kind, also typographic ones, end a PowerShell string. Backslashes before the closing quote are doubled for the C runtime's argument parser. */
function windowsWord(text: string): string {
  if (/^[\w./:\\+-][\w./:\\+=-]*$/.test(text)) return text;
  const inner = text.split('').map((unit) => {
    if (unit === '$' || unit === '`') return `\`${unit}`;
    return /[\u201c-\u201e]/.test(unit) || !isPrintableUnit(unit) ? `$([char]0x${unit.charCodeAt(0).toString(16).padStart(4, '0')})` : unit;
  });
  return `"${inner.join('')}${/\\*$/.exec(text)?.[0] ?? ''}"`;
}

/** Like `isPrintable` for one UTF-16 unit: halves of a pair belong together in the word. */
function isPrintableUnit(unit: string): boolean {
  return /[\ud800-\udfff]/.test(unit) || isPrintable(unit);
}
