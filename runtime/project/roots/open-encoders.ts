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
import { type CoderFailure, coderHint } from './coder-hint.ts';
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
  const { encoders, simulation } = project;
  const opened = new Map<string, Encoder>();
  const folder = simulation ? options.directory : await folderOf(encoders, options);
  for (const encoder of encoders) {
    const refused = simulation ? IN_SIMULATION : {};
    opened.set(encoder.name, await openEncoder(encoder, useOf(encoder, project), { ...options, folder, refused }));
  }
  return opened;
}

/**
 * The same for encoders of which only `wanted` is run, since nothing else is wanted of their files; the other half says why it is not. Their passphrases are looked up now.
 */
export async function openHalves(
  encoders: readonly CheckedEncoder[],
  wanted: ReadonlySet<CoderHalf>,
  options: OpenEncodersOptions & { readonly refused: string },
): Promise<ReadonlyMap<string, Encoder>> {
  const opened = new Map<string, Encoder>();
  const folder = wanted.size === 0 ? options.directory : await folderOf(encoders, options);
  const refused = Object.fromEntries(HALVES.filter((half) => !wanted.has(half)).map((half) => [half, options.refused]));
  for (const encoder of encoders) {
    const takes = HALVES.some((half) => wanted.has(half) && encoder[half]?.takesPassphrase === true);
    const use = { isWritten: wanted.has('encode'), needsPassphrase: encoder.passphrase !== undefined && takes };
    opened.set(encoder.name, await openEncoder(encoder, use, { ...options, folder, refused }));
  }
  return opened;
}

export type CoderHalf = 'encode' | 'decode';
const HALVES: readonly CoderHalf[] = ['encode', 'decode'];

interface Opening extends Omit<OpenEncodersOptions, 'directory'> {
  /** Where its programs run. */
  readonly folder: string;
  /** What is not run, and why. */
  readonly refused: { readonly [Half in CoderHalf]?: string };
}

async function openEncoder(encoder: CheckedEncoder, use: EncoderUse, options: Opening): Promise<Encoder> {
  const { folder, refused, passwords, turns } = options;
  const passphrase = () => passphraseOf(encoder, use, passwords);
  if (use.needsPassphrase && HALVES.some((half) => refused[half] === undefined)) await passphrase();
  const coder = (which: CoderHalf): StreamCoder | NoCoder => {
    const command = encoder[which];
    if (command === undefined) return { refused: `the encoder "${encoder.name}" has no "${which}"` };
    const why = refused[which];
    return why === undefined ? coderOf(command, { encoder, passphrase, folder, options }) : { refused: why };
  };
  const { name, extension } = encoder;
  return { name, extension, encode: coder('encode'), decode: coder('decode'), sampling: samplingOf(encoder), turns };
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
async function folderOf(encoders: readonly CheckedEncoder[], { broker, directory }: OpenEncodersOptions): Promise<string> {
  if (encoders.length === 0) return directory;
  const [folder = directory] = await broker.require([{ kind: 'read', path: directory, words: 'starts encoders in' }]);
  return folder;
}

interface Coding {
  readonly folder: string;
  readonly encoder: CheckedEncoder;
  passphrase(): Promise<string>;
  readonly options: Pick<OpenEncodersOptions, 'broker' | 'signal'>;
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
  const known = { args, passphrase: takesPassphrase ? encoder.passphrase : undefined };
  return untilRefused(known, async function* (input) {
    const given = takesPassphrase ? { fd: encoder.passphraseFd, text: await passphrase() } : undefined;
    yield* throughProgram(input, { ...order, passphrase: given }, signal);
  });
}

/**
 * Says what may be behind the words of a program. Once the first file has shown that the passphrase is the wrong one, no other is tried: then the whole root is `unreachable`.
 */
function untilRefused(known: Omit<CoderFailure, 'said'>, coder: StreamCoder): StreamCoder {
  let hasPassed = false;
  let refused: string | undefined;
  return async function* (input) {
    if (refused !== undefined) throw new VfsError('unreachable', '', `not tried, since it failed for another file: ${refused}`);
    try {
      yield* coder(input);
      hasPassed = true;
    } catch (error) {
      if (error instanceof VfsError || !(error instanceof Error)) throw error;
      const hint = coderHint({ ...known, said: error.message });
      const message = hint === undefined ? error.message : `${error.message} (${hint.text})`;
      if (hint?.isOfPassphrase !== true || hasPassed) throw new Error(message, { cause: error });
      refused = hint.text;
      throw new VfsError('unreachable', '', `${message}; no other file is tried`, { cause: error });
    }
  };
}
