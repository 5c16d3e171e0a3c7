import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../package-folder.ts';

/**
 * A project file to start from: it runs as it is. Its texts that start with `./` stand for the places that the user names, its constants with a comment for what
 * else there is to say.
 */
export interface Template {
  readonly name: string;
  /** One line, from the comment at its top. */
  readonly description: string;
  readonly text: string;
  /** What the places stand for, without `./`: `documents`, `backup`. */
  readonly places: readonly string[];
  /** What the template says of each of them, from the comment behind it; undefined: nothing. */
  readonly placeNotes: readonly (string | undefined)[];
  /** More than `places` may be given: all places are one list. */
  readonly takesMore: boolean;
  /** False: it has no `defineProject` whose options could be others. */
  readonly hasProject: boolean;
  readonly settings: readonly Setting[];
}

/** `const keep = 4; // How many folders`, or with a choice `const unit: 'day' | 'week' = 'week'; // How long …` */
export interface Setting {
  readonly name: string;
  readonly question: string;
  /** As the template has it. */
  readonly usual: string;
  /** undefined: anything. */
  readonly choices: readonly string[] | undefined;
  readonly isNumber: boolean;
  /** What the template has is only an example: a host or address that nobody has (RFC 2606). */
  readonly isNeeded: boolean;
}

/** The text of a place, with quotes. */
export const PLACE = /'\.\/([^']+)'/g;
export const LIST_OF_PLACES = /\['\.\/[^']+'(?:, '\.\/[^']+')*\]/;
const SETTING = /^const (\w+)(?:: ([^=\n]+?))? = (?:'((?!\.\/)[^'\n]*)'|(\d+)); \/\/ (.+)$/gm;
const NOBODYS = /(?:^|[.@/])example(?:\.(?:com|net|org))?(?![\w.-])/;
/** The order in which they are offered; a name that is missing here comes last. */
const ORDER = [
  'backup',
  'mirror',
  'versions',
  'rotating',
  'archive',
  'media',
  'two-way',
  'three-point',
  'move',
  'periodic',
  'encrypted',
  'incremental-upload',
  'super-sync',
  'mail-on-error',
];

export function readTemplates(): readonly Template[] {
  const folder = join(packageFolder(), 'templates');
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.sync.ts') ? [file.slice(0, -'.sync.ts'.length)] : []));
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.sort((a, b) => rank(a) - rank(b)).map((name) => parseTemplate(name, readFileSync(join(folder, `${name}.sync.ts`), 'utf8')));
}

function parseTemplate(name: string, text: string): Template {
  const [first = ''] = text.split('\n');
  return {
    name,
    description: first.replace(/^\/\/ /, ''),
    text,
    places: [...text.matchAll(PLACE)].flatMap((match) => match[1] ?? []),
    placeNotes: text.split('\n').flatMap(notesOf),
    takesMore: LIST_OF_PLACES.test(text),
    hasProject: text.includes('defineProject({'),
    settings: [...text.matchAll(SETTING)].map(settingOf),
  };
}

/** One for each place of a line; a comment is about the place only where the line has no other. */
function notesOf(line: string): readonly (string | undefined)[] {
  const places = [...line.matchAll(PLACE)];
  const [, note] = / \/\/ (.+)$/.exec(line) ?? [];
  return places.map(() => (places.length === 1 ? note : undefined));
}

function settingOf([, name = '', type, text, figure, question = '']: RegExpMatchArray): Setting {
  return {
    name,
    question,
    usual: text ?? figure ?? '',
    choices: type?.split('|').map((choice) => choice.trim().slice(1, -1)),
    isNumber: figure !== undefined,
    isNeeded: NOBODYS.test(text ?? ''),
  };
}
