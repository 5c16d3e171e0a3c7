import { hash } from 'node:crypto';

/**
 * The digest of one directory as one root has it: SHA-256 over `name NUL kind revision NUL` for each in-scope entry in `compareNames` order,
 * kind being the digit of walk.ts (file 0, directory 1, link 2), revision a file's revision, a link's target, nothing for a directory.
 * The first 132 bits in base64url. Neither names nor targets can hold NUL, so different listings give different texts.
 */
export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

export function digestPart(name: string, kind: number, revision: string): string {
  return `${name}\0${kind}${revision}\0`;
}
