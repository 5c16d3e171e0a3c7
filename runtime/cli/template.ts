import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../package-folder.ts';
import { UsageError } from './usage-error.ts';

/** A project file to start from: it runs as it is, and its texts that start with `./` stand for what the user names. */
export interface Template {
  readonly name: string;
  /** One line, from the comment at its top. */
  readonly description: string;
  readonly text: string;
  /** What the places stand for, without `./`: `documents`, `backup`. */
  readonly places: readonly string[];
  /** More than `places` may be given: all places are one list. */
  readonly takesMore: boolean;
}

const PLACE = /'\.\/([^']+)'/g;
const LIST_OF_PLACES = /\['\.\/[^']+'(?:, '\.\/[^']+')*\]/;
/** The order in which they are offered; a name that is missing here comes last. */
const ORDER = ['backup', 'mirror', 'two-way', 'three-point', 'incremental-upload', 'super-sync'];

export function readTemplates(): readonly Template[] {
  const folder = join(packageFolder(), 'templates');
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.sync.ts') ? [file.slice(0, -'.sync.ts'.length)] : []));
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.sort((a, b) => rank(a) - rank(b)).map((name) => parseTemplate(name, readFileSync(join(folder, `${name}.sync.ts`), 'utf8')));
}

function parseTemplate(name: string, text: string): Template {
  const [first = ''] = text.split('\n');
  const places = [...text.matchAll(PLACE)].flatMap((match) => match[1] ?? []);
  return { name, description: first.replace(/^\/\/ /, ''), text, places, takesMore: LIST_OF_PLACES.test(text) };
}

/** A list of patterns as the template has it; undefined: it has none, nor a project in which one could stand. */
export function templatePatterns(template: Template, option: 'excludeFiles' | 'excludeDirs'): readonly string[] | undefined {
  if (!template.text.includes('defineProject(')) return undefined;
  const list = new RegExp(`^  ${option}: \\[(.*)\\],$`, 'm').exec(template.text)?.[1] ?? '';
  return [...list.matchAll(/'([^']*)'/g)].flatMap((match) => match[1] ?? []);
}

/** What the user wants in place of the template's own. A list that is absent stays as the template has it. */
export interface TemplateValues {
  /** As they shall stand in the file; in the order of the template's places. */
  readonly places: readonly string[];
  readonly excludeFiles?: readonly string[];
  readonly excludeDirs?: readonly string[];
}

/** The text of the new project file. Throws UsageError when there are too few or too many places. */
export function fillTemplate(template: Template, values: TemplateValues): string {
  const { places } = values;
  const wanted = template.places.length;
  if (places.length < wanted || (places.length > wanted && !template.takesMore)) {
    throw new UsageError(
      `the template ${template.name} wants ${wanted} places (${template.places.join(', ')})${template.takesMore ? ' or more' : ''}; it got ${places.length}. Name them with ${template.takesMore ? '--root PLACE for each' : '--source PLACE --target PLACE'}`,
    );
  }
  let next = 0;
  const text = template.takesMore
    ? template.text.replace(LIST_OF_PLACES, () => listLiteral(places))
    : template.text.replace(PLACE, () => textLiteral(places[next++] ?? ''));
  return withList(withList(text, 'excludeFiles', values.excludeFiles), 'excludeDirs', values.excludeDirs);
}

/** The option's line gets the list; an option that the template does not have comes before the end of the project. */
function withList(text: string, option: string, list: readonly string[] | undefined): string {
  if (list === undefined) return text;
  const line = `  ${option}: ${listLiteral(list)},\n`;
  const present = new RegExp(`^  ${option}: \\[.*\\],\\n`, 'm');
  if (present.test(text)) return text.replace(present, () => (list.length === 0 ? '' : line));
  return list.length === 0 ? text : text.replace(/^\}\);\n/m, () => `${line}});\n`);
}

function listLiteral(texts: readonly string[]): string {
  return `[${texts.map(textLiteral).join(', ')}]`;
}

/** A TypeScript text in single quotes. JSON escapes what a source line cannot hold. */
function textLiteral(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
