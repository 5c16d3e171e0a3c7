import * as z from 'zod/mini';
import type { WireProject } from '../../../sdk/protocol.ts';
import { Callback } from './wire-options.ts';

/*
 * The shape of a project after `optionsFromWire`: plain data, callbacks as `Callback`. Every `error` finishes the sentence "it wants …".
 * zod/mini because it loads in a third of the time.
 */

const flag = z.boolean({ error: 'true or false' });
const patterns = z.array(z.string({ error: 'a pattern such as "*.bak"' }), { error: 'a list of patterns such as ["*.bak", "/cache/*"]' });
const callback = z.optional(z.instanceof(Callback, { error: 'a function' }));
const text = (wants: string) => z.string({ error: wants }).check(z.minLength(1, { error: wants }));

const shadowWants = 'a root URL or a list of them';
const levelWants = 'a whole number from 0 (not compressed) to 9 (smallest)';
export const rootShape = {
  url: text('a folder or another root URL'),
  targetOnly: z.optional(flag),
  autoMkdir: z.optional(flag),
  level: z.optional(z.int({ error: levelWants }).check(z.gte(0, { error: levelWants }), z.lte(9, { error: levelWants }))),
  shadow: z.optional(z.union([text(shadowWants), z.array(text('a folder or another root URL'), { error: shadowWants })], { error: shadowWants })),
};
const rootWants = 'a folder (text) or an object such as { url: "/mnt/usb/texts", targetOnly: true }';
const root = z.union([text(rootWants), z.strictObject(rootShape, { error: rootWants })], { error: rootWants });

const choice = <const T extends readonly string[]>(...names: T) =>
  z.enum(names, {
    error: names
      .map((name) => `"${name}"`)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
  });

const limitWants = 'a number of files or a share such as "50%"';
const limit = z.union([z.int({ error: limitWants }).check(z.gte(0, { error: limitWants })), text(limitWants)], { error: limitWants });
export const guardShape = {
  maxRemove: z.optional(limit),
  maxOverwrite: z.optional(limit),
  minFiles: z.optional(z.int({ error: 'a whole number of files' }).check(z.gte(0, { error: 'a whole number of files' }))),
};
const guardWants = 'false or an object such as { maxRemove: "50%", maxOverwrite: "50%", minFiles: 10 }';

const modes = z.enum(['append', 'overwrite'], { error: '"append" or "overwrite"' });
export const outputFileShape = { path: text('the path of a file'), mode: modes };
const outputFileWants = 'the path of a file or an object such as { path: "run.log", mode: "overwrite" }';
const outputFile = z.union([text(outputFileWants), z.strictObject(outputFileShape, { error: outputFileWants })], { error: outputFileWants });

const countWants = 'how many, a whole number from 1 on';
const count = z.optional(z.int({ error: countWants }).check(z.gte(1, { error: countWants })));
const keepWants = 'an object such as { last: 3, daily: 7, weekly: 4, monthly: 12, within: "48h" }';
export const keepShape = {
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  within: z.optional(text('an age such as "48h", "30d" or "2w"')),
};
const versionsWants = 'an object such as { folder: ".XVS", max: 100, exclude: ["*.tmp"], keep: { daily: 7 } }';
export const versionsShape = {
  folder: z.optional(text('the name of a folder such as ".XVS"')),
  max: count,
  exclude: z.optional(patterns),
  keep: z.optional(z.strictObject(keepShape, { error: keepWants })),
};

const commandWants = 'a program and its arguments, one text each, such as ["gpg", "--decrypt"]';
const withoutNul = z.refine<string>((value) => !value.includes('\0'), { error: 'a text without NUL characters' });
const coder = z.optional(
  z.tuple([text(commandWants).check(withoutNul)], z.string({ error: commandWants }).check(withoutNul), { error: commandWants }),
);
const timeoutWants = 'milliseconds or a text such as "30s" or "10m"';
export const encoderShape = {
  encode: coder,
  decode: coder,
  extension: z.optional(text('an extension with its point, such as ".gpg"')),
  passphrase: z.optional(text('the name of a secret, as "sxrun secret set" keeps it')),
  passphraseFd: z.optional(
    z.union([z.literal(0), z.literal(3)], { error: '3 (a file descriptor of its own) or 0 (the first line of standard input)' }),
  ),
  timeout: z.optional(z.union([z.number({ error: timeoutWants }), text(timeoutWants)], { error: timeoutWants })),
  verify: z.optional(choice('some', 'all', 'none')),
};
const encodersWants = 'an object such as { gpg: { encode: ["gpg", "--encrypt", "-r", "me"], decode: ["gpg", "--decrypt"] } }';
const encoders = z.record(z.string(), z.strictObject(encoderShape, { error: encodersWants }), { error: encodersWants });

const limitSizeWants = 'a number of bytes or a size such as "4.7GB" or "700MiB"';
const sectorWants = 'a number of bytes, a whole number from 1 to 1048576';
const copiesWants = 'on how many media each file is to be, a whole number from 1 to 9';
const lostWants = 'a list of numbers of media such as [2]';
const mediumNumber = z.int({ error: lostWants }).check(z.gte(1, { error: lostWants }));
export const volumeShape = {
  media: text('where the media are, such as "/media/backup%INDEX%"'),
  limit: z.optional(z.union([z.number({ error: limitSizeWants }), text(limitSizeWants)], { error: limitSizeWants })),
  sectorSize: z.optional(z.int({ error: sectorWants }).check(z.gte(1, { error: sectorWants }), z.lte(1_048_576, { error: sectorWants }))),
  copies: z.optional(z.int({ error: copiesWants }).check(z.gte(1, { error: copiesWants }), z.lte(9, { error: copiesWants }))),
  autoMkdir: z.optional(flag),
  initialRemove: z.optional(flag),
  waitMedia: z.optional(flag),
  lost: z.optional(z.array(mediumNumber, { error: lostWants })),
  catalogue: z.optional(text('the path of a file that ends in ".syncvol"')),
};
const volumesWants = 'an object such as { 1: { media: "/media/backup%INDEX%", limit: "4.7GB" } }';
const volumes = z.record(z.string(), z.strictObject(volumeShape, { error: volumesWants }), { error: volumesWants });

const timeWants = 'a Date, milliseconds since 1970, a text such as "2024-01-31T15:00" or "31.01.2024/15:00", or an age such as "24h"';
const shiftsWants = 'a list of minutes such as [60]';
const subSyncsWants = 'a list of projects or of the paths of project files';
const subSync = z.union([text(subSyncsWants), z.custom<WireProject>(isWireProject)], { error: 'a project or the path of a project file' });

export const projectShape = {
  name: z.optional(text('a name')),
  roots: z.optional(z.array(root, { error: 'a list of two or more roots' })),
  subSyncs: z.optional(z.array(subSync, { error: subSyncsWants })),
  excludeFiles: z.optional(patterns),
  includeFiles: z.optional(patterns),
  excludeDirs: z.optional(patterns),
  includeDirs: z.optional(patterns),
  killFiles: z.optional(patterns),
  isExclude: callback,
  isExcludeDir: callback,
  newerThan: z.optional(z.union([z.number({ error: timeWants }), text(timeWants)], { error: timeWants })),
  syncDb: z.optional(z.union([flag, text('true, false or the path of the database')], { error: 'true, false or the path of the database' })),
  syncRemove: z.optional(flag),
  mirror: z.optional(flag),
  onCollision: z.optional(
    z.union([z.enum(['report', 'newest', 'keepBoth']), z.instanceof(Callback)], { error: '"report", "newest", "keepBoth" or a function' }),
  ),
  compare: z.optional(choice('time', 'size', 'content')),
  evenTime: z.optional(flag),
  ignoreTimeShifts: z.optional(
    z.array(z.number({ error: 'a number of minutes' }).check(z.gt(0, { error: 'a number of minutes above 0' })), { error: shiftsWants }),
  ),
  simulation: z.optional(flag),
  lazyMkdir: z.optional(flag),
  symlinks: z.optional(choice('ignore', 'copy', 'follow')),
  onError: z.optional(choice('stop', 'continue-files', 'continue-syncs', 'continue-subsyncs')),
  guard: z.optional(z.union([z.literal(false, { error: guardWants }), z.strictObject(guardShape, { error: guardWants })], { error: guardWants })),
  checkCwd: z.optional(flag),
  logFile: z.optional(outputFile),
  sourceList: z.optional(outputFile),
  verbose: z.optional(flag),
  parallel: z.optional(z.int({ error: 'a whole number from 1 on' }).check(z.gte(1, { error: 'a whole number from 1 on' }))),
  encoders: z.optional(encoders),
  versions: z.optional(z.strictObject(versionsShape, { error: versionsWants })),
  volumes: z.optional(volumes),
};

export const projectSchema = z.strictObject(projectShape, { error: 'a project: an object with the options' });

/** A project with the right options of the right types; what the values mean is not yet checked. */
export type ProjectOptions = z.infer<typeof projectSchema>;

function isWireProject(value: unknown): boolean {
  return value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'project';
}
