import { basename } from 'node:path';
import type { Broker } from '../../permissions/broker.ts';
import { ScriptCallError } from '../../sandbox/script-host.ts';
import type { CoderTurns } from '../../vfs/layers/encoded/coder-turns.ts';
import { createSampling, type Sampling } from '../../vfs/layers/encoded/sampling.ts';
import type { NoCoder, StreamCoder } from '../../vfs/layers/encoded/stream-coder.ts';
import type { Encoder } from '../../vfs/layers/encoded.ts';
import type { CheckedEncoder, CoderCommand } from '../options/encoders.ts';
import { environmentOfPrograms } from '../host/program-environment.ts';
import { throughProgram } from '../host/through-program.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { CheckedProject, CheckedRoot } from '../options/options.ts';
import { getsFiles } from '../../engine/receives.ts';
import { encoderNamesOf } from '../../vfs/root-address.ts';
import type { Passwords } from '../passwords.ts';

export interface OpenEncodersOptions {
  readonly broker: Pick<Broker, 'couldReplace' | 'require'>;
  readonly passwords: Passwords;
  /** Of the command: however many roots and projects it has, only so many programs run at once. */
  readonly turns: CoderTurns;
  /** Where the programs run: the project's folder; that of a saved plan is what its file says. */
  readonly directory: string;
  /** Ends the programs. */
  readonly signal: AbortSignal;
}

/**
 * A project's encoders, whose programs are real paths that may be run. Their passphrases are looked up now, so that a run which has none changes nothing. Rejects with ScriptCallError
 * `secret`. A simulation runs none of them.
 */
export async function openEncoders(project: CheckedProject, options: OpenEncodersOptions): Promise<ReadonlyMap<string, Encoder>> {
  const opened = new Map<string, Encoder>();
  const folder = await folderOf(project, options);
  for (const encoder of project.encoders) {
    const passphrase = project.simulation ? undefined : await passphraseOf(encoder, project, options.passwords);
    const coder = (which: 'encode' | 'decode'): StreamCoder | NoCoder => {
      const command = encoder[which];
      if (command === undefined) return { refused: `the encoder "${encoder.name}" has no "${which}"` };
      return project.simulation ? { refused: IN_SIMULATION[which] } : coderOf(command, { encoder, passphrase, folder, options });
    };
    const { name, extension } = encoder;
    opened.set(name, { name, extension, encode: coder('encode'), decode: coder('decode'), sampling: samplingOf(encoder), turns: options.turns });
  }
  return opened;
}

/** What a verification costs can be ten times what encoding does: GnuPG needs half a second to open a private key that has a passphrase. */
const ONE_IN = { all: 1, some: 100 } as const;

function samplingOf({ verify }: CheckedEncoder): Sampling | undefined {
  return verify === 'none' ? undefined : createSampling(ONE_IN[verify]);
}

const IN_SIMULATION = {
  encode: 'a simulation runs no program',
  decode: 'a simulation runs no program, so it cannot compare by content',
} as const;

async function passphraseOf(encoder: CheckedEncoder, { roots }: CheckedProject, passwords: Passwords): Promise<string | undefined> {
  const { name, passphrase, encode } = encoder;
  if (passphrase === undefined) return undefined;
  const isUsed = ({ address, shadows }: CheckedRoot, index: number) =>
    (getsFiles(index, roots) && encoderNamesOf(address).includes(name)) || shadows.some((shadow) => encoderNamesOf(shadow).includes(name));
  // With a typing error in it nobody could ever read what is encrypted.
  const isTypedTwice = encode?.takesPassphrase === true && roots.some(isUsed);
  const value = await passwords.get({ name: passphrase, question: `Passphrase of the encoder "${name}"`, isTypedTwice });
  if (!/[\r\n\0]/.test(value)) return value;
  throw new ScriptCallError({ code: 'secret', message: `the secret "${passphrase}" has more than one line, and a passphrase is one` });
}

/** Its real path. */
async function folderOf({ encoders, simulation }: CheckedProject, { broker, directory }: OpenEncodersOptions): Promise<string> {
  if (encoders.length === 0 || simulation) return directory;
  const [folder = directory] = await broker.require([{ kind: 'read', path: directory, words: 'starts encoders in' }]);
  return folder;
}

interface Coding {
  readonly folder: string;
  readonly encoder: CheckedEncoder;
  readonly passphrase: string | undefined;
  readonly options: OpenEncodersOptions;
}

function coderOf({ program, calledAs, args, takesPassphrase }: CoderCommand, { encoder, passphrase, folder, options }: Coding): StreamCoder {
  const { broker, signal } = options;
  const order = {
    program,
    name: basename(calledAs),
    args,
    folder,
    environment: environmentOfPrograms(broker),
    passphrase: takesPassphrase && passphrase !== undefined ? { fd: encoder.passphraseFd, text: passphrase } : undefined,
    stallMs: encoder.timeoutMs,
  };
  const hint =
    order.passphrase === undefined
      ? ''
      : ` (its passphrase is the secret "${encoder.passphrase}": if it is the wrong one, "sxrun secret set ${encoder.passphrase}")`;
  return (input) => withHint(throughProgram(input, order, signal), hint);
}

/** What a program says of a wrong passphrase is its own affair. */
async function* withHint(output: AsyncIterable<Uint8Array>, hint: string): AsyncGenerator<Uint8Array> {
  try {
    yield* output;
  } catch (error) {
    if (hint === '' || error instanceof VfsError || !(error instanceof Error)) throw error;
    throw new Error(`${error.message}${hint}`, { cause: error });
  }
}
