import { listLiteral, textLiteral } from './text-literal.ts';

/** `false` and an empty list: as where nobody says anything. */
export type OptionValue = boolean | string | readonly string[];

/** What `sxrun new` asks for and has flags for, in the order in which they come into a file; other options are written by hand. */
export const TEMPLATE_OPTIONS = [
  'excludeFiles',
  'includeFiles',
  'excludeDirs',
  'includeDirs',
  'newerThan',
  'syncDb',
  'onCollision',
  'syncRemove',
  'onError',
  'logFile',
  'sourceList',
  'verbose',
  'checkCwd',
  'simulation',
] as const;
export type TemplateOption = (typeof TEMPLATE_OPTIONS)[number];
/** An option that is absent stays as the template has it. */
export type ChosenOptions = { readonly [Name in TemplateOption]?: OptionValue };

/** The line above an option that was not in the template, or not so. */
const COMMENTS: Readonly<Record<TemplateOption, string | ((value: OptionValue) => string | undefined)>> = {
  excludeFiles: '`*` also matches across folders. With a leading `/` a pattern counts from the root, else at any depth.',
  includeFiles: 'These take part although they are left out above.',
  excludeDirs: 'Left out with all that is below.',
  includeDirs: 'These take part although they are left out above; what is below only when the way down does, too.',
  newerThan: 'Older files are left alone.',
  syncDb: 'The database remembers what the roots had in common: what was changed on several of them is noticed.',
  onCollision: (value) => COLLISIONS[String(value)],
  syncRemove: 'What is removed on one source is removed on the other roots.',
  onError: 'One file that cannot be copied does not end the run; it is reported, and the exit code is 1.',
  logFile: 'What is shown goes to this file, too.',
  sourceList: 'A line for each file that was copied or removed in the last run.',
  verbose: 'Sizes, counts, and what was left alone.',
  checkCwd: 'An error unless this file lies in one of the roots.',
  simulation: 'Nothing is changed until this line is removed.',
};
const COLLISIONS: Readonly<Record<string, string>> = {
  report: 'A file that was changed on several roots is reported and left alone.',
  newest: 'Of a file that was changed on several roots the newest version wins.',
  keepBoth: 'Of a file that was changed on several roots every version is kept, the older ones under names of their own.',
};

/** Where an option that a template does not have has its place right after another. */
const NEIGHBOURS: { readonly [Name in TemplateOption]?: TemplateOption } = { includeFiles: 'excludeFiles', includeDirs: 'excludeDirs' };

/** What a template has for an option; false: nothing. */
export function templateValue(text: string, option: TemplateOption): OptionValue {
  const literal = lineOf(option).exec(text)?.[2];
  if (literal === undefined || literal === 'false') return false;
  if (literal === 'true') return true;
  const texts = [...literal.matchAll(/'([^']*)'/g)].map(([, part = '']) => part);
  return literal.startsWith('[') ? texts : (texts[0] ?? '');
}

/** The template with another value for the option. The comment above it goes when the option goes, and is ours when it gets another value. */
export function withOption(text: string, option: TemplateOption, value: OptionValue): string {
  const present = lineOf(option);
  const isGone = value === false || (Array.isArray(value) && value.length === 0);
  if (isGone) return text.replace(present, '').replace(/\n\n+(\n|}\);)/, '\n$1');
  const line = `  ${option}: ${literalOf(value)},\n`;
  if (present.test(text)) {
    if (same(templateValue(text, option), value)) return text;
    return text.replace(present, (_, above: string) => `${Array.isArray(value) ? above : commentOf(option, value)}${line}`);
  }
  const added = `${commentOf(option, value)}${line}`;
  const neighbour = NEIGHBOURS[option];
  const after = neighbour && lineOf(neighbour);
  if (after?.test(text)) return text.replace(after, (found) => `${found}${added}`);
  return text.replace(/^\}\);\n/m, (end) => `\n${added}${end}`);
}

/** The comment lines above an option, and its literal. */
function lineOf(option: TemplateOption): RegExp {
  return new RegExp(`^((?: {2}//.*\\n)*) {2}${option}: (\\[.*\\]|'[^'\\n]*'|true|false),(?: //.*)?\\n`, 'm');
}

function commentOf(option: TemplateOption, value: OptionValue): string {
  const comment = COMMENTS[option];
  const text = typeof comment === 'string' ? comment : comment(value);
  return text === undefined ? '' : `  // ${text}\n`;
}

function literalOf(value: OptionValue): string {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? textLiteral(value) : listLiteral(value);
}

function same(a: OptionValue, b: OptionValue): boolean {
  return literalOf(a) === literalOf(b);
}
