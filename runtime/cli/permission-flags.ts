import { type Command, Option } from 'commander';
import { OPTIONS, optionFlags } from './options.ts';

/** What a command that runs a project's script takes of the options of a run: who is asked, and what is permitted. */
const SPECS = OPTIONS.filter(({ group, long }) => group === 'Asking and permissions' && long !== 'unsandboxed');

export function addPermissionFlags(program: Command): Command {
  for (const spec of SPECS) {
    const option = new Option(optionFlags(spec));
    if (spec.repeatable) option.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value]);
    program.addOption(option);
  }
  return program;
}

/** Those that were given, as arguments of a run. */
export function permissionFlagsOf(program: Command): readonly string[] {
  return SPECS.flatMap(({ long }) => {
    const option = program.options.find((known) => known.long === `--${long}`);
    const name = option?.attributeName() ?? '';
    if (program.getOptionValueSource(name) !== 'cli') return [];
    const value: unknown = program.getOptionValue(name);
    return typeof value === 'boolean' ? [`--${long}`] : [value].flat().map((one) => `--${long}=${String(one)}`);
  });
}
