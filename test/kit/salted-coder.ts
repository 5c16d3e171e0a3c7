import { randomBytes } from 'node:crypto';
import type { EncodedOptions } from '../../runtime/vfs/layers/encoded.ts';
import { createCoderTurns } from '../../runtime/vfs/layers/encoded/coder-turns.ts';
import { createSampling } from '../../runtime/vfs/layers/encoded/sampling.ts';
import type { StreamCoder } from '../../runtime/vfs/layers/encoded/stream-coder.ts';

/** A coder in process that is like encryption in this: the same content gives other bytes each time, and damage at the end is noticed. */
export const salted: { readonly encode: StreamCoder; readonly decode: StreamCoder } = {
  async *encode(input) {
    const salt = randomBytes(1);
    yield salt;
    for await (const chunk of input) yield chunk.map((byte) => byte ^ (salt[0] ?? 0));
    yield salt;
  },
  async *decode(input) {
    let salt: number | undefined;
    let last: Uint8Array = new Uint8Array(0);
    for await (const chunk of input) {
      let body = Buffer.concat([last, chunk]);
      if (salt === undefined) {
        salt = body[0] ?? 0;
        body = body.subarray(1);
      }
      last = body.subarray(Math.max(0, body.length - 1));
      yield body.subarray(0, -1).map((byte) => byte ^ (salt ?? 0));
    }
    if (salt === undefined || last[0] !== salt) throw new Error('salted: the end is missing');
  },
};

/** An encoded layer with it, with turns of its own. */
export function saltedEncoder(more: Partial<EncodedOptions> = {}): EncodedOptions {
  return { name: 'salted', extension: '.sx.enc', ...salted, sampling: createSampling(1), turns: createCoderTurns(2), layersBelow: 0, ...more };
}
