import { input, select } from '@inquirer/prompts';
import type { ProcessContext } from './process-context.ts';
import type { Template } from './template.ts';

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

/** Asks for what is still open: the template, its places, what stays out, the file. Resolves to undefined when it is abandoned with Ctrl-C. */
export async function askForProject(known: OpenProject, templates: readonly Template[], context: ProcessContext): Promise<NewProject | undefined> {
  const terminal = { input: context.stdin, output: context.stderr };
  try {
    const template = known.template ?? (await select({ message: 'What shall it do?', choices: templates.map(choiceOf) }, terminal));
    const places: string[] = [...known.places];
    for (const place of template.places.slice(places.length)) {
      places.push(await input({ message: `Where is "${place}"?`, required: true }, terminal));
    }
    while (template.takesMore) {
      const more = await input({ message: 'One more? (ENTER: that is all)' }, terminal);
      if (more.trim() === '') break;
      places.push(more);
    }
    const hasFilters = template.text.includes('excludeFiles:');
    const excludeFiles = known.excludeFiles ?? (hasFilters ? await askForPatterns('Files to leave out', '*.tmp, ~$*') : undefined);
    const excludeDirs = known.excludeDirs ?? (hasFilters ? await askForPatterns('Folders to leave out', '') : undefined);
    const output = known.output ?? (await input({ message: 'Project file', default: `${template.name}.sync.ts` }, terminal));
    return { template, places: places.map((place) => place.trim()), excludeFiles, excludeDirs, output };
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }

  async function askForPatterns(what: string, usual: string): Promise<readonly string[]> {
    const answer = await input({ message: `${what} (patterns, separated by commas)`, default: usual }, terminal);
    return answer
      .split(',')
      .map((pattern) => pattern.trim())
      .filter((pattern) => pattern !== '');
  }
}

function choiceOf(template: Template): { value: Template; name: string; description: string } {
  return { value: template, name: template.name, description: template.description };
}
