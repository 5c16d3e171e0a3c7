import * as z from 'zod/mini';
import type { FileMethods } from '../../../sdk/xfile-protocol.ts';
import type { HostFunctions } from './host-function.ts';
import { copy, move } from './xfile-copy.ts';
import { exists, list, readBytes, readText, stat } from './xfile-read.ts';
import { remove, removeRecursive, rmdir } from './xfile-remove.ts';
import { walk, walkEnd, walkMore } from './xfile-walk.ts';
import { appendText, mkdir, touch, writeBytes, writeText } from './xfile-write.ts';

const url = z.string({ error: 'the path of a file or another root URL' }).check(z.minLength(1, { error: 'the path of a file or another root URL' }));
const text = z.string({ error: 'a text' });
const flag = z.exactOptional(z.boolean({ error: 'true or false' }));
const patterns = z.union([z.string(), z.array(z.string())], { error: 'a pattern or a list of patterns' });
const switchOrPatterns = z.union([z.boolean(), z.string(), z.array(z.string())], { error: 'true, false, a pattern or a list of patterns' });
/** The last ms that a Date knows. */
const LAST_MS = 8.64e15;
const date = z.union([z.null(), z.number().check(z.gte(-LAST_MS), z.lte(LAST_MS))], { error: 'a valid Date' });
const bytes = z.instanceof(Uint8Array, { error: 'a Uint8Array' });
const walkNumber = z.number({ error: 'the number of a walk' });

const file = z.strictObject({ url });
const transfer = z.strictObject({ from: url, to: url, options: optionsOf({ overwrite: flag }) });

/** `xfile`: files on any root URL. */
export const fileFunctions: HostFunctions<keyof FileMethods> = {
  'xfile.exists': { request: file, run: exists },
  'xfile.stat': { request: file, run: stat },
  'xfile.list': { request: file, run: list },
  'xfile.walk': {
    request: z.strictObject({
      url,
      options: optionsOf({
        files: z.exactOptional(switchOrPatterns),
        dirs: z.exactOptional(switchOrPatterns),
        links: flag,
        exclude: z.exactOptional(patterns),
        depth: z.exactOptional(z.int({ error: 'a whole number from 1' }).check(z.gte(1, { error: 'a whole number from 1' }))),
      }),
    }),
    run: walk,
  },
  'xfile.walkMore': { request: z.strictObject({ walk: walkNumber }), run: walkMore },
  'xfile.walkEnd': { request: z.strictObject({ walk: walkNumber }), run: walkEnd },
  'xfile.readText': { request: file, run: readText },
  'xfile.readBytes': { request: file, run: readBytes },
  'xfile.writeText': { request: z.strictObject({ url, text }), run: writeText },
  'xfile.writeBytes': { request: z.strictObject({ url, bytes }), run: writeBytes },
  'xfile.appendText': { request: z.strictObject({ url, text }), run: appendText },
  'xfile.copy': { request: transfer, run: copy },
  'xfile.move': { request: transfer, run: move },
  'xfile.remove': { request: file, run: remove },
  'xfile.touch': { request: z.strictObject({ url, date }), run: touch },
  'xfile.mkdir': { request: z.strictObject({ url, options: optionsOf({ parents: flag }) }), run: mkdir },
  'xfile.rmdir': { request: file, run: rmdir },
  'xfile.removeRecursive': { request: z.strictObject({ url, options: optionsOf({ keepRoot: flag, confirm: flag }) }), run: removeRecursive },
};

/** The last argument of a call: an object with nothing but these. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodMiniObject<Shape, z.core.$strict> {
  return z.strictObject(shape, { error: `an object with nothing but ${Object.keys(shape).join(', ')}` });
}
