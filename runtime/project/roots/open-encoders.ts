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
 * A project's encoders, whose programs are real paths that may be run. Passphrases that the run surely needs are looked up now, so that a run which has none changes nothing; others (`decode` of
 * what is only written and not verified) when a file wants them. Rejects with ScriptCallError `secret`. A simulation runs none of them.
 */
export async function openEncoders(project: CheckedProject, options: OpenEncodersOptions): Promise<ReadonlyMap<string, Encoder>> {
  const opened = new Map<string, Encoder>();
  const folder = await folderOf(project, options);
  for (const encoder of project.encoders) {
    const use = useOf(encoder, project);
    const passphrase = () => passphraseOf(encoder, use, options.passwords);
    if (use.needsPassphrase && !project.simulation) await passphrase();
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

interface EncoderUse {
  readonly isWritten: boolean;
  readonly needsPassphrase: boolean;
}

/** What the run surely does with an encoder. */
function useOf({ name, passphrase, encode, decode, verify }: CheckedEncoder, { roots }: CheckedProject): EncoderUse {
  const isOf = ({ address }: CheckedRoot) => encoderNamesOf(address).includes(name);
  const isWritten = roots.some(
    (root, index) => (getsFiles(index, roots) && isOf(root)) || root.shadows.some((shadow) => encoderNamesOf(shadow).includes(name)),
  );
  const isRead = roots.some((root) => !root.targetOnly && isOf(root)) || (isWritten && verify !== 'none');
  const isGiven = (isWritten && encode?.takesPassphrase === true) || (isRead && decode?.takesPassphrase === true);
  return { isWritten, needsPassphrase: passphrase !== undefined && isGiven };
}

/** Each secret is looked up once, however often it is asked for. */
async function passphraseOf({ name, passphrase = '', encode }: CheckedEncoder, { isWritten }: EncoderUse, passwords: Passwords): Promise<string> {
  // With a typing error in it nobody could ever read what is encrypted.
  const isTypedTwice = isWritten && encode?.takesPassphrase === true;
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
  passphrase(): Promise<string>;
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
    passphrase: undefined,
    stallMs: encoder.timeoutMs,
  };
  if (!takesPassphrase) return (input) => throughProgram(input, order, signal);
  const hint = ` (its passphrase is the secret "${encoder.passphrase}": if it is the wrong one, "sxrun secret set ${encoder.passphrase}")`;
  return async function* (input) {
    const text = await passphrase();
    yield* withHint(throughProgram(input, { ...order, passphrase: { fd: encoder.passphraseFd, text } }, signal), hint);
  };
}

/** What a program says of a wrong passphrase is its own affair. */
async function* withHint(output: AsyncIterable<Uint8Array>, hint: string): AsyncGenerator<Uint8Array> {
  try {
    yield* output;
  } catch (error) {
    if (error instanceof VfsError || !(error instanceof Error)) throw error;
    throw new Error(`${error.message}${hint}`, { cause: error });
  }
}
