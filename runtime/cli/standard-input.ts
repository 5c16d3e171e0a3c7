import type { ProcessContext } from './process-context.ts';

/** All of standard input as text; what has come until then when the signal stops it. */
export async function readInput(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  const stop = () => stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    stdin.setEncoding('utf8');
    let text = '';
    for await (const chunk of stdin) text += chunk;
    return text;
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** For windows that close with the program. Without a person at a terminal there is nothing to wait for. */
export async function waitForEnter({ stdin, stderr }: Pick<ProcessContext, 'stdin' | 'stderr'>): Promise<void> {
  if (!stdin.isTTY || stdin.readableEnded || stdin.destroyed) return;
  stderr.write('Press ENTER to end.');
  await new Promise<void>((resolve) => {
    const done = () => {
      stdin.pause();
      resolve();
    };
    stdin.once('data', done).once('end', done).once('error', done);
    stdin.resume();
  });
}
