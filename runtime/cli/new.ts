import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { printableLines } from '../printable.ts';
import { writeEditorFiles } from './editor-files.ts';
import { fillTemplate } from './fill-template.ts';
import { newHelp, parseNewArguments } from './new-arguments.ts';
import type { NewProject } from './new-project.ts';
import { askForProject, isComplete, terminalAnswers } from './new-wizard.ts';
import type { ProcessContext } from './process-context.ts';
import { say } from './say.ts';
import { readTemplates } from './template.ts';
import { UsageError } from './usage-error.ts';

/**
 * `sxrun new [template]`: writes a project file. On a terminal it asks for what the arguments leave open; elsewhere they must say it all, and
 * without any it lists the templates. Returns the exit code; throws UsageError.
 */
export async function runNew(args: readonly string[], context: ProcessContext): Promise<number> {
  const templates = readTemplates();
  const asked = parseNewArguments(args, templates);
  if (asked === 'help') return tell(context, newHelp(templates));
  const terminal = context.stdin.isTTY && context.stderr.isTTY;
  const project = terminal && !isComplete(asked) ? await askForProject(asked, templates, terminalAnswers(context, outputFault)) : asked;
  if (project === undefined) return 130;
  const { template } = project;
  if (template === undefined) return tell(context, newHelp(templates));
  return writeProject({ ...project, template }, context);
}

async function writeProject(project: NewProject, context: ProcessContext): Promise<number> {
  const { currentDir } = context;
  const name = project.output ?? project.template.name;
  const fault = outputFault(name, currentDir);
  if (fault !== undefined) throw new UsageError(fault);
  const output = outputPath(name, currentDir);
  const folder = dirname(output);
  const seen = (place: string) => placeSeenFrom(folder, place, currentDir);
  const { logFile, sourceList } = project.options;
  const text = fillTemplate(project.template, {
    places: project.places.map(seen),
    settings: project.settings,
    options: {
      ...project.options,
      ...(typeof logFile === 'string' && { logFile: seen(logFile) }),
      ...(typeof sourceList === 'string' && { sourceList: seen(sourceList) }),
    },
  });
  try {
    writeFileSync(output, text, { flag: 'wx' });
  } catch (error) {
    throw new UsageError(`${output} cannot be written: ${String(error)}`);
  }
  const shown = shownPath(output, currentDir);
  const editorFiles = writeEditorFiles(folder).map((file) => `${shownPath(resolve(folder, file), currentDir)}, for your editor\n`);
  return tell(context, `wrote ${shown}\n${editorFiles.map((line) => `wrote ${line}`).join('')}see what it would do:  sxrun -s ${quoted(shown)}\n`);
}

/** The end of the name need not be typed. */
function outputPath(name: string, currentDir: string): string {
  return resolve(currentDir, name.endsWith('.ts') ? name : `${name}.sync.ts`);
}

/** Why no project file can be written there; undefined: it can. */
function outputFault(name: string, currentDir: string): string | undefined {
  const output = outputPath(name, currentDir);
  if (!output.endsWith('.sync.ts')) return `project files end in .sync.ts; ${output} does not`;
  if (!existsSync(dirname(output))) return `the folder ${dirname(output)} does not exist`;
  return lstatSync(output, { throwIfNoEntry: false }) && `${output} is there already; it stays as it is. Name another file with -o FILE`;
}

/** Schemes that stand before a path, such as `igz:`; a drive such as `C:` is none. */
const LAYERS = /^(?:[a-z][a-z0-9+.-]+(?:\([^)]*\))?:)+/i;

/** Project files name places relative to themselves; people name them relative to where they are. */
function placeSeenFrom(folder: string, place: string, currentDir: string): string {
  const [layers = ''] = LAYERS.exec(place) ?? [];
  // Two slashes part an archive from the folder in it.
  const [path = '', ...inner] = place.slice(layers.length).split('//');
  const elsewhere = path === '' || isAbsolute(path) || /^(?:~(?=$|[\\/])|[a-z]:)/i.test(path);
  if (elsewhere || folder === resolve(currentDir)) return place;
  const near = relative(folder, resolve(currentDir, path)).split(sep).join('/') || '.';
  return [layers + near, ...inner].join('//');
}

function shownPath(path: string, currentDir: string): string {
  const near = relative(currentDir, path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}

function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

async function tell(context: ProcessContext, text: string): Promise<0> {
  await say(context.stdout, printableLines(text));
  return 0;
}
