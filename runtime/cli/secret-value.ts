import type { ProcessContext } from './process-context.ts';
import { UsageError } from './usage-error.ts';

/** Far more than a secret may have; who pipes a whole disk hears of it soon. */
const MAX_INPUT_BYTES = 1024 * 1024;

/** Typed twice, since nobody sees it. Resolves to undefined when it is abandoned (Ctrl-C). */
export async function askForValue(name: string, { stdin, stderr }: Pick<ProcessContext, 'stdin' | 'stderr'>): Promise<string | undefined> {
  if (!stderr.isTTY) throw new UsageError('standard error is no terminal to ask at; give the value as standard input');
  const { password } = await import('@inquirer/prompts');
  const terminal = { input: stdin, output: stderr };
  try {
    for (let message = `Value of ${name} (it is not shown)`; ; message = 'They differ. Value once more') {
      const value = await password({ message }, terminal);
      if (value === (await password({ message: 'The same again' }, terminal))) return value;
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return undefined;
    throw error;
  }
}

/** All of standard input without the line feed at its end. */
export async function readValue(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    size += bytes.byteLength;
    if (size > MAX_INPUT_BYTES) throw new UsageError('standard input has more than 1 MB; that is no secret');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
  } catch {
    throw new UsageError('standard input is no text in UTF-8; a secret is text');
  }
}
