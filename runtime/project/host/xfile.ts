import * as z from 'zod/mini';
import type { FileMethods } from '../../../sdk/xfile-protocol.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { HostContext, HostFunctions } from './host-function.ts';
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

const seen = 'what xfile.stat, list or walk gave for a file or a link';
const version = z.strictObject(
  { kind: z.enum(['file', 'directory', 'link', 'other'], { error: seen }), revision: z.string({ error: seen }) },
  { error: seen },
);

const file = z.strictObject({ url });
const transfer = z.strictObject({ from: url, to: url, options: optionsOf({ overwrite: flag }) });

/** A script may ask for thousands at once; each has folders open while it is under way. What reads whole files has its own, narrower way: it may wait for the script. */
const inSlot = fewAtOnce(64);
const few =
  <Request, Reply>(run: (request: Request, context: HostContext) => Promise<Reply>) =>
  (request: Request, context: HostContext): Promise<Reply> =>
    inSlot(() => run(request, context));

/** `xfile`: files on any root URL. */
export const fileFunctions: HostFunctions<keyof FileMethods> = {
  'xfile.exists': { request: file, run: few(exists) },
  'xfile.stat': { request: file, run: few(stat) },
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
    run: few(walk),
  },
  'xfile.walkMore': { request: z.strictObject({ walk: walkNumber }), run: few(walkMore) },
  'xfile.walkEnd': { request: z.strictObject({ walk: walkNumber }), run: few(walkEnd) },
  'xfile.readText': { request: file, run: readText },
  'xfile.readBytes': { request: file, run: readBytes },
  'xfile.writeText': { request: z.strictObject({ url, text }), run: few(writeText) },
  'xfile.writeBytes': { request: z.strictObject({ url, bytes }), run: few(writeBytes) },
  'xfile.appendText': { request: z.strictObject({ url, text }), run: few(appendText) },
  'xfile.copy': { request: transfer, run: few(copy) },
  'xfile.move': { request: transfer, run: few(move) },
  'xfile.remove': {
    request: z.strictObject({ url, options: z.exactOptional(optionsOf({ ifUnchanged: z.exactOptional(version) })) }),
    run: few(remove),
  },
  'xfile.touch': { request: z.strictObject({ url, date }), run: few(touch) },
  'xfile.mkdir': { request: z.strictObject({ url, options: optionsOf({ parents: flag }) }), run: few(mkdir) },
  'xfile.rmdir': { request: file, run: few(rmdir) },
  'xfile.removeRecursive': { request: z.strictObject({ url, options: optionsOf({ keepRoot: flag, confirm: flag }) }), run: few(removeRecursive) },
};

/** The last argument of a call: an object with nothing but these. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodMiniObject<Shape, z.core.$strict> {
  return z.strictObject(shape, { error: `an object with nothing but ${Object.keys(shape).join(', ')}` });
}
