import { Command, CommanderError } from 'commander';
import { UsageError } from './usage-error.ts';

/** An empty parser that neither prints nor ends the process. */
export function commandParser(name: string): Command {
  return new Command(name)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
}

/** `args` without node and script. Throws `UsageError`. */
export function parseWith(program: Command, args: readonly string[]): void {
  try {
    program.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageError(usageMessage(error, program.name()));
  }
}

/** Commander's `error: unknown option '--simulat'\n(Did you mean --simulate?)` as one sentence of ours. */
function usageMessage(error: CommanderError, name: string): string {
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return message.includes('Did you mean') ? message : `${message} (see ${name} --help)`;
}
