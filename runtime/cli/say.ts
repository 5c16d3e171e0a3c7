import { openStream, type StandardStream } from '../report/screen.ts';

/** Writes `text` completely, or as much as anybody takes. For commands that say one thing. */
export async function say(stream: StandardStream, text: string): Promise<void> {
  const output = openStream(stream, { onLost: () => undefined });
  output.write(text);
  await output.close();
}
