import { input, select } from '@inquirer/prompts';
import type { ProcessContext } from './process-context.ts';
import { type Template, templatePatterns } from './template.ts';

/** What is to be written: from the arguments, or from the wizard. */
export interface NewProject {
  readonly template: Template;
  /** As typed: paths relative to the current folder. */
  readonly places: readonly string[];
  /** undefined: as the template has them. */
  readonly excludeFiles: readonly string[] | undefined;
  readonly excludeDirs: readonly string[] | undefined;
  /** Path of the new file; undefined: named for the template, in the current folder. */
  readonly output: string | undefined;
}
/** The same with the template still to be chosen. */
export type OpenProject = Omit<NewProject, 'template'> & { readonly template: Template | undefined };

/** Someone who answers; rejects with an error named `ExitPromptError` when they leave (Ctrl-C). */
export interface Answers {
  template(question: string, templates: readonly Template[]): Promise<Template>;
  /** What is typed, or `usual` for ENTER alone. */
  text(question: string, usual: string): Promise<string>;
}

export function terminalAnswers({ stdin, stderr }: ProcessContext): Answers {
  const terminal = { input: stdin, output: stderr };
  return {
    template: (message, templates) =>
      select(
        { message, choices: templates.map((template) => ({ value: template, name: template.name, description: template.description })) },
        terminal,
      ),
    text: (message, usual) => input({ message, default: usual }, terminal),
  };
}

/** Asks for what is still open: the template, its places, what stays out, the file. Resolves to undefined when it is abandoned. */
export async function askForProject(known: OpenProject, templates: readonly Template[], answers: Answers): Promise<NewProject | undefined> {
  try {
    const template = known.template ?? (await answers.template('What shall it do?', templates));
    const places = await askForPlaces(template, known.places, answers);
    const excludeFiles = known.excludeFiles ?? (await askForPatterns('Files to leave out', templatePatterns(template, 'excludeFiles'), answers));
    const excludeDirs = known.excludeDirs ?? (await askForPatterns('Folders to leave out', templatePatterns(template, 'excludeDirs'), answers));
    const output = known.output ?? (await answers.text('Project file', `${template.name}.sync.ts`));
    return { template, places, excludeFiles, excludeDirs, output };
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }
}

async function askForPlaces(template: Template, known: readonly string[], answers: Answers): Promise<readonly string[]> {
  const places = [...known];
  for (const place of template.places.slice(places.length)) {
    let answer = '';
    while (answer === '') answer = (await answers.text(`Where is "${place}"?`, '')).trim();
    places.push(answer);
  }
  while (template.takesMore) {
    const more = (await answers.text('One more? (ENTER: that is all)', '')).trim();
    if (more === '') break;
    places.push(more);
  }
  return places;
}

/** `usual` undefined: the template has no place for patterns, and nothing is asked. */
async function askForPatterns(what: string, usual: readonly string[] | undefined, answers: Answers): Promise<readonly string[] | undefined> {
  if (usual === undefined) return undefined;
  const answer = await answers.text(`${what} (patterns, separated by commas; - for none)`, usual.join(', '));
  return answer
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '' && pattern !== '-');
}
