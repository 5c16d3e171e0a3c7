import { durationMs } from '../../../sdk/duration.ts';
import { getsFiles } from '../../engine/receives.ts';
import { isPath } from '../../permissions/program.ts';
import { encoderNamesOf, type RootAddress, withEncoders } from '../../vfs/root-address.ts';
import { isFileExtension, type LocalPlace } from '../../vfs/root-address-parse.ts';
import { OptionError, understood } from './option-error.ts';
import { closest, shown } from './option-message.ts';
import type { ProjectOptions } from './option-schema.ts';
import { localPathOf } from '../roots/root-url.ts';

/** What stands for the file descriptor in an argument. */
export const PASSPHRASE_FD = '%PASSPHRASE_FD%';
/** Manual, "Auto-Encryption / Batch-Conversion File System". */
const DEFAULT_EXTENSION = '.sx.enc';
const DEFAULT_TIMEOUT = '10m';

/** One entry of the option `encoders`, checked. */
export interface CheckedEncoder {
  readonly name: string;
  /** With its point. */
  readonly extension: string;
  readonly encode: CoderCommand | undefined;
  readonly decode: CoderCommand | undefined;
  /** A secret's name; undefined: no passphrase is needed. */
  readonly passphrase: string | undefined;
  readonly passphraseFd: 0 | 3;
  readonly timeoutMs: number;
  /** Of which files it is made sure that they can be decoded again. */
  readonly verify: 'some' | 'all' | 'none';
}

export interface CoderCommand {
  /** A name to be looked up, or an absolute path; once it is permitted the real path. */
  readonly program: string;
  /** As the project has it: what it is called as. */
  readonly calledAs: string;
  readonly args: readonly string[];
  readonly takesPassphrase: boolean;
}

/** Throws OptionError. Touches no file. */
export function checkEncoders(encoders: ProjectOptions['encoders'], place: LocalPlace): readonly CheckedEncoder[] {
  return Object.entries(encoders ?? {}).map(([name, encoder]) => checkEncoder(name, encoder, place));
}

type EncoderOptions = NonNullable<ProjectOptions['encoders']>[string];

function checkEncoder(name: string, encoder: EncoderOptions, place: LocalPlace): CheckedEncoder {
  const option = `encoders.${name}`;
  const refuse = (at: string, what: string): never => {
    throw new OptionError(at, `option "${at}" ${what}`);
  };
  if (!/^[\w.-]+$/.test(name)) refuse('encoders', `has the name ${shown(name)}; it wants letters, digits, "-", "_" and "."`);
  const { extension = DEFAULT_EXTENSION, passphrase, passphraseFd = 3, timeout = DEFAULT_TIMEOUT } = encoder;
  if (!isFileExtension(extension)) refuse(`${option}.extension`, `is ${shown(extension)}; it wants an extension with its point, such as ".gpg"`);
  const encode = commandOf(encoder.encode, `${option}.encode`, { passphraseFd, place });
  const decode = commandOf(encoder.decode, `${option}.decode`, { passphraseFd, place });
  if (encode === undefined && decode === undefined) refuse(option, 'names no program; it wants "encode", "decode" or both');
  const { verify = decode === undefined ? 'none' : 'some' } = encoder;
  if (verify !== 'none' && decode === undefined)
    refuse(`${option}.verify`, `is "${verify}", and there is no "decode"; it wants a program that decodes what "encode" makes`);
  const takesPassphrase = encode?.takesPassphrase === true || decode?.takesPassphrase === true;
  if (passphrase !== undefined && !takesPassphrase)
    refuse(`${option}.passphrase`, `is given to neither program; it wants ${PASSPHRASE_FD} in the arguments of who reads it`);
  if (passphrase === undefined && takesPassphrase)
    refuse(`${option}.passphrase`, `is missing, and an argument has ${PASSPHRASE_FD}; it wants the name of a kept secret`);
  return { name, extension, encode, decode, passphrase, passphraseFd, timeoutMs: timeoutMs(timeout, `${option}.timeout`), verify };
}

interface CommandPlace {
  readonly passphraseFd: 0 | 3;
  readonly place: LocalPlace;
}

function commandOf(command: EncoderOptions['encode'], option: string, { passphraseFd, place }: CommandPlace): CoderCommand | undefined {
  if (command === undefined) return undefined;
  const [program, ...args] = command;
  return {
    program: isPath(program) ? understood(option, () => localPathOf(program, place)) : program,
    calledAs: program,
    args: args.map((argument) => argument.replaceAll(PASSPHRASE_FD, String(passphraseFd))),
    takesPassphrase: args.some((argument) => argument.includes(PASSPHRASE_FD)),
  };
}

function timeoutMs(timeout: number | string, option: string): number {
  try {
    const ms = durationMs(timeout, option);
    if (ms >= 1 && ms < 2 ** 31) return ms;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new OptionError(option, `option "${option}" is ${shown(timeout)}; it wants a time from 1 ms to 24 days, such as "30s" or "10m"`);
}

/** The address with the encoders that it means by name, where `ienc:` alone means the only one. `option` names the root in errors. */
export function withKnownEncoders(address: RootAddress, encoders: readonly CheckedEncoder[], option: string): RootAddress {
  return withEncoders(address, (name) => encoderNamed(name, encoders, option));
}

function encoderNamed(name: string | undefined, encoders: readonly CheckedEncoder[], option: string): CheckedEncoder {
  const names = encoders.map((encoder) => encoder.name);
  const [first] = encoders;
  const found = name === undefined && encoders.length === 1 ? first : encoders.find((encoder) => encoder.name === name);
  if (found !== undefined) return found;
  if (first === undefined)
    throw new OptionError('encoders', `option "${option}" is an "ienc:" root, and option "encoders" is missing, which says what program encodes`);
  if (name === undefined)
    throw new OptionError(option, `option "${option}" says "ienc:", and there are several encoders; it wants one of ${quoted(names, 'ienc(', '):')}`);
  const close = closest(name, names);
  const hint = close === undefined ? `; there is ${quoted(names)}` : `; did you mean "${close}"?`;
  throw new OptionError(option, `option "${option}" names the encoder "${name}", which option "encoders" does not have${hint}`);
}

function quoted(names: readonly string[], before = '', after = ''): string {
  return names.map((name) => `"${before}${name}${after}"`).join(', ');
}

interface CodedRoot {
  readonly address: RootAddress;
  readonly targetOnly: boolean;
  readonly shadows: readonly RootAddress[];
}

/** Those that the roots use. Throws OptionError where files would have to be encoded or decoded and there is no program for it. */
export function usedEncoders(roots: readonly CodedRoot[], encoders: readonly CheckedEncoder[]): readonly CheckedEncoder[] {
  const used = new Set<CheckedEncoder>();
  for (const [index, { address, targetOnly, shadows }] of roots.entries()) {
    for (const encoder of encodersOf(address, encoders)) {
      used.add(encoder);
      if (!targetOnly) requireCommand(encoder, 'decode', `roots[${index}]`, 'is a source');
      if (getsFiles(index, roots)) requireCommand(encoder, 'encode', `roots[${index}]`, 'receives files');
    }
    for (const encoder of shadows.flatMap((shadow) => encodersOf(shadow, encoders))) {
      used.add(encoder);
      requireCommand(encoder, 'encode', `roots[${index}].shadow`, 'receives files');
    }
  }
  return [...used];
}

function encodersOf(address: RootAddress, encoders: readonly CheckedEncoder[]): readonly CheckedEncoder[] {
  const names = encoderNamesOf(address);
  return encoders.filter(({ name }) => names.includes(name));
}

function requireCommand(encoder: CheckedEncoder, which: 'encode' | 'decode', option: string, why: string): void {
  if (encoder[which] !== undefined) return;
  throw new OptionError(
    `encoders.${encoder.name}.${which}`,
    `option "encoders.${encoder.name}.${which}" is missing, and ${option} ${why}; it wants a program and its arguments`,
  );
}
