import { checkbox, input, select } from '@inquirer/prompts';
import { missingSetting, settingFault } from './fill-template.ts';
import { placeFault } from './place-fault.ts';
import type { NewProject, OpenProject } from './new-project.ts';
import type { ProcessContext } from './process-context.ts';
import type { Setting, Template } from './template.ts';
import { type ChosenOptions, type OptionValue, type TemplateOption, templateValue } from './template-option.ts';

/** One of several answers. */
export interface Choice<Value> {
  readonly value: Value;
  readonly name: string;
  readonly description?: string;
  /** It is ticked before anybody chooses. */
  readonly checked?: boolean;
}

/** Someone who answers; rejects with an error named `ExitPromptError` when they leave (Ctrl-C). */
export interface Answers {
  /** What is typed, or `usual` for ENTER alone. `fault` says why an answer cannot be; it is asked for again. */
  text(question: string, usual: string, fault?: (answer: string) => string | undefined): Promise<string>;
  one<Value>(question: string, choices: readonly Choice<Value>[], usual?: Value): Promise<Value>;
  several<Value>(question: string, choices: readonly Choice<Value>[]): Promise<readonly Value[]>;
  /** Why no project file of that name can be written; undefined: it can. */
  outputFault(name: string): string | undefined;
}

export function terminalAnswers(
  { stdin, stderr, currentDir }: ProcessContext,
  outputFault: (name: string, currentDir: string) => string | undefined,
): Answers {
  const terminal = { input: stdin, output: stderr };
  return {
    text: (message, usual, fault) =>
      input({ message, ...(usual === '' ? {} : { default: usual }), validate: (answer) => fault?.(answer.trim()) ?? true }, terminal),
    one: (message, choices, usual) => select({ message, choices, pageSize: 12, ...(usual === undefined ? {} : { default: usual }) }, terminal),
    several: (message, choices) => checkbox({ message, choices, pageSize: 12 }, terminal),
    outputFault: (name) => outputFault(name, currentDir),
  };
}

/**
 * Asks for what is still open: the template, its places and settings, the file, what stays out, options (the pages of SynchronEX' wizards).
 * Resolves to undefined when it is abandoned.
 */
export async function askForProject(known: OpenProject, templates: readonly Template[], answers: Answers): Promise<NewProject | undefined> {
  try {
    const template = known.template ?? (await askForTemplate(templates, answers));
    const places = await askForPlaces(template, known, answers);
    const settings = await askForSettings(template, known.settings, answers);
    const output = known.output ?? (await answers.text('Project file', `${template.name}.sync.ts`, answers.outputFault)).trim();
    const project = { ...known, template, places, settings, output };
    if (!template.hasProject) return project;
    const patterns = await askForPatterns(template, known.options, answers);
    const options = await askForOptions(project, answers);
    return { ...project, options: { ...patterns, ...options, ...known.options } };
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }
}

/** Whether there is enough to write a file, so that nobody need be asked. */
export function isComplete(project: OpenProject): project is NewProject {
  const { template, places, settings } = project;
  return template !== undefined && places.length >= template.places.length && missingSetting(template, settings) === undefined;
}

function askForTemplate(templates: readonly Template[], answers: Answers): Promise<Template> {
  const choices = templates.map((template) => ({ value: template, name: template.name, description: template.description }));
  return answers.one('What shall it do?', choices);
}

async function askForPlaces(template: Template, { places: known, settings }: OpenProject, answers: Answers): Promise<readonly string[]> {
  const places = [...known];
  for (const [index, place] of template.places.entries()) {
    if (index < known.length) continue;
    const note = template.placeNotes[index];
    const answer = await answers.text(`Where is "${place}"${note === undefined ? '' : ` (${note})`}?`, '', (typed) =>
      typed === '' ? 'a folder, or another root; . is the current folder' : placeFault(typed, place, settings),
    );
    places.push(answer.trim());
  }
  while (template.takesMore) {
    const more = (await answers.text('One more? (ENTER: that is all)', '')).trim();
    if (more === '') break;
    places.push(more);
  }
  return places;
}

async function askForSettings(
  template: Template,
  known: Readonly<Record<string, string>>,
  answers: Answers,
): Promise<Readonly<Record<string, string>>> {
  const settings: Record<string, string> = { ...known };
  for (const setting of template.settings) settings[setting.name] ??= await askForSetting(setting, answers);
  return settings;
}

async function askForSetting(setting: Setting, answers: Answers): Promise<string> {
  const { question, usual, choices, isNeeded } = setting;
  if (choices !== undefined) {
    return answers.one(
      question,
      choices.map((value) => ({ value, name: value })),
      usual,
    );
  }
  const asked = isNeeded ? `${question}, such as ${usual}` : question;
  return (await answers.text(asked, isNeeded ? '' : usual, (answer) => settingFault(setting, answer))).trim();
}

async function askForPatterns(template: Template, known: ChosenOptions, answers: Answers): Promise<ChosenOptions> {
  const patterns: { [Name in TemplateOption]?: OptionValue } = {};
  for (const [exclude, include, what] of [
    ['excludeFiles', 'includeFiles', 'Files'],
    ['excludeDirs', 'includeDirs', 'Folders'],
  ] as const) {
    const usual = templateValue(template.text, exclude);
    const excluded = known[exclude] ?? (await askForList(`${what} to leave out (patterns, with commas between; - for none)`, usual, answers));
    patterns[exclude] = excluded;
    if (Array.isArray(excluded) && excluded.length > 0 && known[include] === undefined)
      patterns[include] = await askForList(`${what} to take although they match (ENTER: none)`, false, answers);
  }
  return patterns;
}

async function askForList(question: string, usual: OptionValue, answers: Answers): Promise<readonly string[]> {
  const answer = await answers.text(question, Array.isArray(usual) ? usual.join(', ') : '');
  return answer
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '' && pattern !== '-');
}

const OPTIONS: readonly (readonly [option: TemplateOption, name: string])[] = [
  ['syncDb', 'keep a database: notice what was changed on several sides'],
  ['syncRemove', 'removals travel too (with a database)'],
  ['onError', 'go on after a file that cannot be copied'],
  ['newerThan', 'only files younger than a date or an age'],
  ['logFile', 'write a log'],
  ['sourceList', 'write a list of what was copied and removed'],
  ['verbose', 'show more'],
  ['checkCwd', 'only run when the project file lies in one of the roots'],
  ['simulation', 'simulation first: change nothing until a line is removed'],
];

async function askForOptions(project: NewProject, answers: Answers): Promise<ChosenOptions> {
  const { template, options: known } = project;
  const open = OPTIONS.filter(([option]) => known[option] === undefined);
  const choices = open.map(([value, name]) => ({ value, name, checked: templateValue(template.text, value) !== false }));
  const ticked = await answers.several('Options', choices);
  const options: { [Name in TemplateOption]?: OptionValue } = {};
  for (const [option] of open) options[option] = ticked.includes(option) && (await askForValue(option, project, answers));
  const database = [options.syncDb, options.syncRemove, known.syncDb, known.syncRemove].some((value) => value === true);
  if (database && known.onCollision === undefined) options.onCollision = await askForCollisions(template, answers);
  return options;
}

async function askForValue(option: TemplateOption, { template, output }: NewProject, answers: Answers): Promise<OptionValue> {
  const usual = templateValue(template.text, option);
  const named = (output ?? template.name).replace(/(\.sync)?\.ts$/, '');
  const text = (question: string, otherwise: string) => answers.text(question, typeof usual === 'string' ? usual : otherwise);
  switch (option) {
    case 'onError':
      return usual === false ? 'continue-files' : usual;
    case 'newerThan':
      return (await text('Younger than', '7d')).trim();
    case 'logFile':
      return (await text('Log file', `${named}.log`)).trim();
    case 'sourceList':
      return (await text('List file', `${named}.lst`)).trim();
    default:
      return true;
  }
}

function askForCollisions(template: Template, answers: Answers): Promise<string> {
  const usual = templateValue(template.text, 'onCollision');
  return answers.one(
    'A file that was changed on several sides',
    [
      { value: 'report', name: 'report it, and leave it alone' },
      { value: 'newest', name: 'the newest version wins' },
      { value: 'keepBoth', name: 'keep every version, the older ones under other names' },
    ],
    typeof usual === 'string' ? usual : 'report',
  );
}
