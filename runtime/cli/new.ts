import { existsSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { printableLines } from '../printable.ts';
import { commandParser, parseWith } from './command-parser.ts';
import { writeEditorFiles } from './editor-files.ts';
import { askForProject, type NewProject, type OpenProject, terminalAnswers } from './new-wizard.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { fillTemplate, readTemplates, type Template } from './template.ts';
import { UsageError } from './usage-error.ts';

/**
 * `sxrun new [template]`: writes a project file. On a terminal it asks for what the arguments leave open; elsewhere they must say it all, and
 * without any it lists the templates. Returns the exit code; throws UsageError.
 */
export async function runNew(args: readonly string[], context: ProcessContext): Promise<number> {
  const templates = readTemplates();
  const asked = parseNewArguments(args, templates);
  if (asked === 'help') return tell(context, overview(templates));
  const terminal = context.stdin.isTTY && context.stderr.isTTY;
  const project =
    terminal && (asked.template === undefined || asked.places.length === 0) ? await askForProject(asked, templates, terminalAnswers(context)) : asked;
  if (project === undefined) return 130;
  const { template } = project;
  if (template === undefined) return tell(context, overview(templates));
  return writeProject({ ...project, template }, context);
}

function parseNewArguments(args: readonly string[], templates: readonly Template[]): OpenProject | 'help' {
  const collect = (value: string, before: string[]) => [...before, value];
  const command = commandParser('sxrun new')
    .argument('[template]')
    .option('--source <place>', '', collect, [])
    .option('--root <place>', '', collect, [])
    .option('--target <place>', '', collect, [])
    .option('-e, --exclude-files <pattern>', '', collect, [])
    .option('-x, --exclude-dirs <pattern>', '', collect, [])
    .option('-o, --output <file>')
    .option('-h, --help');
  parseWith(command, args);
  const flags = command.opts<{
    source: string[];
    root: string[];
    target: string[];
    excludeFiles: string[];
    excludeDirs: string[];
    output?: string;
    help?: true;
  }>();
  if (flags.help) return 'help';
  const name = command.args[0];
  const template = templates.find((candidate) => candidate.name === name);
  if (name !== undefined && template === undefined)
    throw new UsageError(`there is no template "${name}"; there are ${templates.map((known) => known.name).join(', ')}`);
  return {
    template,
    places: [...flags.source, ...flags.root, ...flags.target],
    excludeFiles: flags.excludeFiles.length > 0 ? flags.excludeFiles : undefined,
    excludeDirs: flags.excludeDirs.length > 0 ? flags.excludeDirs : undefined,
    output: flags.output,
  };
}

async function writeProject(project: NewProject, context: ProcessContext): Promise<number> {
  const output = resolve(context.currentDir, project.output ?? `${project.template.name}.sync.ts`);
  const folder = dirname(output);
  if (!output.endsWith('.sync.ts')) throw new UsageError(`project files end in .sync.ts; ${output} does not`);
  if (!existsSync(folder)) throw new UsageError(`the folder ${folder} does not exist`);
  const text = fillTemplate(project.template, {
    places: project.places.map((place) => placeSeenFrom(folder, place, context.currentDir)),
    ...(project.excludeFiles && { excludeFiles: project.excludeFiles }),
    ...(project.excludeDirs && { excludeDirs: project.excludeDirs }),
  });
  try {
    writeFileSync(output, text, { flag: 'wx' });
  } catch (error) {
    throw new UsageError(
      isExisting(error)
        ? `${output} is there already; it stays as it is. Name another file with -o FILE`
        : `${output} cannot be written: ${String(error)}`,
    );
  }
  const shown = shownPath(output, context.currentDir);
  const editorFiles = writeEditorFiles(folder).map((file) => `${shownPath(resolve(folder, file), context.currentDir)}, for your editor\n`);
  return tell(context, `wrote ${shown}\n${editorFiles.map((line) => `wrote ${line}`).join('')}see what it would do:  sxrun -s ${quoted(shown)}\n`);
}

/** Project files name places relative to themselves; people name them relative to where they are. */
function placeSeenFrom(folder: string, place: string, currentDir: string): string {
  const elsewhere = isAbsolute(place) || /^~(?=$|[\\/])/.test(place) || /^[a-z][a-z0-9+.-]*(?:\([^)]*\))?:/i.test(place);
  if (elsewhere || folder === resolve(currentDir)) return place;
  return relative(folder, resolve(currentDir, place)).split(sep).join('/') || '.';
}

function shownPath(path: string, currentDir: string): string {
  const near = relative(currentDir, path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}

function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

function overview(templates: readonly Template[]): string {
  const width = Math.max(...templates.map((template) => template.name.length));
  const list = templates.map((template) => `  ${template.name.padEnd(width)}  ${template.description}`);
  return `${['sxrun new TEMPLATE --source PLACE --target PLACE [-e PATTERN] [-x PATTERN] [-o FILE]', 'sxrun new TEMPLATE --root PLACE --root PLACE …', '', 'Templates:', ...list].join('\n')}\n`;
}

async function tell(context: ProcessContext, text: string): Promise<0> {
  await say(context.stdout, printableLines(text));
  return 0;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
