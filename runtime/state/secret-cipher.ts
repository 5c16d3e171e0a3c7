import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';

/** Encrypts short texts; format in docs/state-format.md. */
export interface SecretCipher {
  /** `label` is not part of the box, but only with the same label it opens. */
  seal(label: string, text: string): string;
  /** undefined: this key or this label does not open the box. */
  open(label: string, box: string): string | undefined;
}

export interface KeyParts {
  /** Content of the key file. */
  readonly keyFile: string;
  readonly machine: string;
  readonly user: string;
  /** Kept with the boxes. */
  readonly salt: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Node's defaults (16 MB, some 40 ms): the key file alone holds 256 random bits, there is nothing to guess. */
const COST = { N: 16_384, r: 8, p: 1 };

/** 32 random bytes: a key file's content, a salt. */
export function randomText(): string {
  return randomBytes(32).toString('base64url');
}

export function createSecretCipher({ keyFile, machine, user, salt }: KeyParts): SecretCipher {
  const key = scryptSync(JSON.stringify([keyFile, machine, user]), Buffer.from(salt, 'base64url'), 32, COST);
  return {
    seal(label, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(label));
      const body = [cipher.update(text, 'utf8'), cipher.final()];
      return Buffer.concat([nonce, ...body, cipher.getAuthTag()]).toString('base64url');
    },
    open(label, box) {
      const bytes = Buffer.from(box, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(label)).setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch {
        // The only thing that can go wrong is the authentication, which is the answer.
        return undefined;
      }
    },
  };
}
