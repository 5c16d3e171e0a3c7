import { printable } from '../printable.ts';
import { placeFault } from './place-fault.ts';
import { LIST_OF_PLACES, PLACE, type Setting, type Template } from './template.ts';
import { type ChosenOptions, TEMPLATE_OPTIONS, withOption } from './template-option.ts';
import { listLiteral, textLiteral } from './text-literal.ts';
import { UsageError } from './usage-error.ts';

/** What the user wants in place of the template's own. */
export interface TemplateValues {
  /** As they shall stand in the file; in the order of the template's places. */
  readonly places: readonly string[];
  /** By the names of its settings; one that is absent stays as the template has it, unless it is needed. */
  readonly settings: Readonly<Record<string, string>>;
  readonly options: ChosenOptions;
}

/** The text of the new project file. Throws UsageError that names what is missing, or has no place in this template. */
export function fillTemplate(template: Template, values: TemplateValues): string {
  checkPlaces(template, values);
  checkSettings(template, values.settings);
  checkOptions(template, values.options);
  let next = 0;
  let text = template.takesMore
    ? template.text.replace(LIST_OF_PLACES, () => listLiteral(values.places))
    : template.text.replace(PLACE, () => textLiteral(values.places[next++] ?? ''));
  text = withPlacesInComments(text, template, values.places);
  for (const setting of template.settings) text = withSetting(text, setting, values.settings[setting.name]);
  for (const option of TEMPLATE_OPTIONS) {
    const value = values.options[option];
    if (value !== undefined) text = withOption(text, option, value);
  }
  return text;
}

/** The first that is needed and absent. */
export function missingSetting(template: Template, given: Readonly<Record<string, string>>): Setting | undefined {
  return template.settings.find((setting) => setting.isNeeded && given[setting.name] === undefined);
}

/** Why a setting cannot have that value; undefined: it can. */
export function settingFault({ name, choices, isNumber }: Setting, value: string): string | undefined {
  if (choices !== undefined && !choices.includes(value)) return `${name} is one of ${choices.join(', ')}; it got ${value}`;
  if (isNumber && !/^[1-9]\d{0,8}$/.test(value)) return `${name} is a whole number from 1; it got ${value}`;
  return value.trim() === '' ? `${name} cannot be empty` : undefined;
}

function checkPlaces(template: Template, { places: given, settings }: TemplateValues): void {
  const { name, places, takesMore } = template;
  for (const [at, place] of given.entries()) {
    const fault = placeFault(place, places[at], settings);
    if (fault !== undefined) throw new UsageError(fault);
  }
  if (given.length === places.length || (takesMore && given.length > places.length)) return;
  const wants = `the template ${name} wants ${places.length} places (${places.join(', ')})${takesMore ? ' or more' : ''}; it got ${given.length}`;
  const missing = places.slice(given.length).map((place) => `"${place}"`);
  const flags = takesMore ? '--root PLACE for each' : '--source PLACE and --target PLACE';
  throw new UsageError(`${wants}.${missing.length > 0 ? ` Missing: ${missing.join(', ')}.` : ''} Name them in this order, with ${flags}`);
}

/** `./NAME` in a comment is the place as a command line has it. */
function withPlacesInComments(text: string, { places }: Template, given: readonly string[]): string {
  return text.replace(/^ *\/\/ .*$/gm, (comment) =>
    comment.replace(/(?<= )\.\/(\S+)/g, (found, name: string) => {
      const place = given[places.indexOf(name)];
      if (place === undefined) return found;
      return /^[\w./:~%@+-]+$/.test(place) ? place : `"${printable(place)}"`;
    }),
  );
}

function checkSettings(template: Template, given: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(given)) {
    const setting = template.settings.find((known) => known.name === name);
    const known = template.settings.map((one) => one.name).join(', ');
    if (setting === undefined)
      throw new UsageError(`the template ${template.name} has no setting "${name}"; ${known === '' ? 'it has none' : `it has ${known}`}`);
    const fault = settingFault(setting, value);
    if (fault !== undefined) throw new UsageError(`--set ${name}=${value}: ${fault}`);
  }
  const missing = missingSetting(template, given);
  if (missing !== undefined)
    throw new UsageError(`the template ${template.name} needs --set ${missing.name}=…: ${missing.question}, such as ${missing.usual}`);
}

function checkOptions(template: Template, options: ChosenOptions): void {
  const [first] = TEMPLATE_OPTIONS.filter((option) => options[option] !== undefined);
  if (first !== undefined && !template.hasProject)
    throw new UsageError(`${first} has no place in the template ${template.name}: it has no project of its own; say it in the projects that it runs`);
}

function withSetting(text: string, { name, isNumber }: Setting, value: string | undefined): string {
  if (value === undefined) return text;
  const line = new RegExp(`^(const ${name}(?:: [^=\\n]+?)? = )(?:'[^'\\n]*'|\\d+);`, 'm');
  return text.replace(line, (_, head: string) => `${head}${isNumber ? value : textLiteral(value)};`);
}
