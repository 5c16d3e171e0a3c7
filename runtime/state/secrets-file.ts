import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { secretNameFault } from '../secret-name.ts';
import { isPrivate } from './private-path.ts';
import { createSecretCipher, randomText, type SecretCipher } from './secret-cipher.ts';
import { SecretError } from './secret-error.ts';
import type { MachineIdentity } from './machine-identity.ts';
import { StateError, translated } from './state-error.ts';

/** What `secrets.json` holds: format in docs/state-format.md. A list, since any name may be a secret's. */
export interface SecretsFile {
  readonly format: 'sxrun-secrets';
  readonly version: 1;
  /** Null as long as no secret is in the file. */
  key: { readonly salt: string; readonly check: string } | null;
  /** By name, each once. */
  secrets: readonly KeptSecret[];
}
export type KeptSecret =
  | { readonly name: string; readonly kept: 'keychain' }
  | { readonly name: string; readonly kept: 'file'; readonly box: string };

export const NO_SECRETS: SecretsFile = { format: 'sxrun-secrets', version: 1, key: null, secrets: [] };

const base64url = z.string().check(z.regex(/^[\w-]+$/));
const name = z.string().check(z.refine((text) => secretNameFault(text) === undefined));
const secretsFile = z.strictObject({
  format: z.literal('sxrun-secrets'),
  version: z.literal(1),
  key: z.nullable(z.strictObject({ salt: base64url, check: base64url })),
  secrets: z.array(
    z.discriminatedUnion('kept', [
      z.strictObject({ name, kept: z.literal('keychain') }),
      z.strictObject({ name, kept: z.literal('file'), box: base64url }),
    ]),
  ),
});

/** Throws Error for what is no such file, StateError `newer-version`. `file` is for messages. */
export function validateSecretsFile(data: unknown, file: string): SecretsFile {
  const { version } = Object(data) as { version?: unknown };
  if (typeof version === 'number' && version > 1) {
    throw new StateError('newer-version', file, `${file} was written by a newer sxrun (format version ${version}). Use that one.`);
  }
  const { data: read, error } = secretsFile.safeParse(data);
  const [issue] = error?.issues ?? [];
  if (read === undefined) throw new Error(`not what sxrun writes, at ${issue?.path.join('.') || 'the top'}`);
  if (new Set(read.secrets.map((secret) => secret.name)).size < read.secrets.length) throw new Error('a secret stands in it twice');
  if (read.key === null && read.secrets.some(({ kept }) => kept === 'file')) throw new Error('it has secrets and no key for them');
  return read;
}

/** Where the encrypted file and its key are. */
export interface SecretsPlace {
  readonly folder: string;
  readonly file: string;
  readonly keyFile: string;
}

/**
 * The cipher of the file's secrets. Throws SecretError `foreign` when they were encrypted elsewhere, `exposed`; StateError `unreadable`.
 */
export function openCipher(key: NonNullable<SecretsFile['key']>, place: SecretsPlace, identity: MachineIdentity): SecretCipher {
  const keyFile = isPrivate(place.keyFile, 'file') ? readKeyFile(place.keyFile) : undefined;
  const cipher = keyFile === undefined ? undefined : createSecretCipher({ keyFile, ...identity, salt: key.salt });
  if (cipher !== undefined && cipher.open(CHECK_LABEL, key.check) === '') return cipher;
  const reason =
    cipher === undefined
      ? `its key file ${place.keyFile} is gone`
      : `they were encrypted on another machine, by another user or with another ${place.keyFile}`;
  throw new SecretError(
    'foreign',
    `The secrets in ${place.file} cannot be read: ${reason}. The file was left as it is. Bring back the right key file on the right machine, or remove each with "sxrun secret remove NAME" and set it anew ("sxrun secret list" names them).`,
  );
}

/**
 * A cipher for a file without secrets, and what the file keeps of it. The key file is made anew, since nothing depends on an old one: to be called with all others kept out.
 * Throws StateError `unwritable`.
 */
export function createCipher(
  place: SecretsPlace,
  identity: MachineIdentity,
): { readonly cipher: SecretCipher; readonly key: NonNullable<SecretsFile['key']> } {
  const [keyFile, salt] = [randomText(), randomText()];
  const temporary = `${place.keyFile}.new`;
  try {
    rmSync(temporary, { force: true });
    writeFileSync(temporary, `${keyFile}\n`, { flag: 'wx', mode: 0o600, flush: true });
    renameSync(temporary, place.keyFile);
  } catch (error) {
    throw translated('unwritable', place.keyFile, error);
  }
  const cipher = createSecretCipher({ keyFile, ...identity, salt });
  return { cipher, key: { salt, check: cipher.seal(CHECK_LABEL, '') } };
}

/** Boxes cannot change places: no name holds a space, so no label is another's. */
export function labelOf(secretName: string): string {
  return `${CHECK_LABEL} ${secretName}`;
}

const CHECK_LABEL = 'sxrun-secrets/1';

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw translated('unreadable', file, error);
  }
}
