/** What is known of a program that failed. */
export interface CoderFailure {
  /** What it said last. */
  readonly said: string;
  readonly args: readonly string[];
  /** Name of the secret that it got as its passphrase; undefined: it got none. */
  readonly passphrase: string | undefined;
}

/** What may help, to be put in brackets behind what the program said. */
export interface CoderHint {
  readonly text: string;
  /** The passphrase is the wrong one: no other file will fare better. */
  readonly isOfPassphrase: boolean;
}

/**
 * What most often is behind the words of a program, of GnuPG (2.2 to 2.4, whose error words are English everywhere) and some others. undefined: nothing to add. The words are all there is: exit
 * codes say nothing, and of a wrong passphrase for a secret key GnuPG says with `--quiet` no more than of a missing key.
 */
export function coderHint({ said, args, passphrase }: CoderFailure): CoderHint | undefined {
  const told = (text: string): CoderHint => ({ text, isOfPassphrase: false });
  if (passphrase !== undefined && WRONG_PASSPHRASE.test(said))
    return { text: `its passphrase is the secret "${passphrase}", which is the wrong one: "sxrun secret set ${passphrase}"`, isOfPassphrase: true };
  for (const [words, text] of BY_WORDS) if (words.test(said)) return told(text);
  if (/No secret key/.test(said)) {
    if (passphrase === undefined || !args.some((argument) => /^(?:--quiet|-[a-zA-Z]*q[a-zA-Z]*)$/.test(argument))) return told(NO_SECRET_KEY);
    const text = `or, since it is called with --quiet, its passphrase is wrong, the secret "${passphrase}": "sxrun secret set ${passphrase}"; else ${NO_SECRET_KEY}`;
    return { text, isOfPassphrase: true };
  }
  if (passphrase === undefined || DAMAGED.test(said)) return undefined;
  return told(`if its passphrase, the secret "${passphrase}", is the wrong one: "sxrun secret set ${passphrase}"`);
}

const WRONG_PASSPHRASE = /Bad passphrase|Bad session key|bad decrypt|(?:wrong|incorrect|invalid) pass(?:word|phrase)/i;
const DAMAGED = /has been manipulated|zlib inflate|block_filter|Invalid packet|CRC error/i;
const NO_SECRET_KEY = 'the key for it is not among those of "gpg --list-secret-keys"; another folder of keys is named by --homedir';
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/no valid OpenPGP data/, 'gpg has not made this, or it was cut off or overwritten'],
  [
    /Inappropriate ioctl|No pinentry|cannot open .*tty/i,
    'gpg wants to ask for the passphrase itself; give it --pinentry-mode loopback --passphrase-fd %PASSPHRASE_FD%, and the encoder a "passphrase"',
  ],
  [
    /no gpg-agent running|No agent running|can't connect to the (?:gpg-)?agent/i,
    'gpg opens secret keys by its agent, which must run or be startable: without --no-autostart, and with a folder of keys that it may write to',
  ],
  [/No public key/, 'the key of who is to read it is not among the keys here (gpg --list-keys), or has expired; gpg --import FILE takes in another'],
  [/Unusable public key/, 'the key of who is to read it has expired, was revoked, or is not trusted (--trust-model always takes it as it is)'],
];
