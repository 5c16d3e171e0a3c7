import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { cruise, type ICruiseResult, type IDependency, type IModule } from 'dependency-cruiser';

/** A room of the house: files by path, and what they may import. Patterns are tested against paths from the top of the repository. */
interface Room {
  readonly files: RegExp;
  /** Besides files of the room itself and, in runtime/, the small files at its top. */
  readonly may: readonly RegExp[];
  /** Only as types. */
  readonly types?: readonly RegExp[];
  /** npm packages; absent: any. */
  readonly packages?: readonly string[];
  /** Modules of Node; absent: any. */
  readonly node?: readonly string[];
}

const SDK = /^sdk\//;
const VFS_CONTRACTS = /^runtime\/vfs\/(?!open-|root-address)[^/]+\.ts$/;
const ENGINE_CONTRACTS = /^runtime\/engine\/(baseline|events|sync-run)\.ts$/;
const RUN_REQUEST = /^runtime\/project\/run-request\.ts$/;
const SMALL_FILES = /^runtime\/(machine\/)?[^/]+\.ts$/;
const CONTRACTS = [VFS_CONTRACTS, ENGINE_CONTRACTS, RUN_REQUEST];

/** The table of design.md section 2. A file belongs to the first room that it matches. */
const ROOMS: Readonly<Record<string, Room>> = {
  sdk: { files: SDK, may: [], packages: [], node: [] },
  'runtime/ and runtime/machine/': { files: SMALL_FILES, may: [/^package\.json$/], types: [SDK] },
  'runtime/vfs/backends/': { files: /^runtime\/vfs\/backends\/([^/]+)/, may: [VFS_CONTRACTS] },
  'runtime/vfs/layers/': { files: /^runtime\/vfs\/layers\/([^/]+)/, may: [VFS_CONTRACTS] },
  'runtime/vfs/root-address': { files: /^runtime\/vfs\/root-address[^/]*\.ts$/, may: [VFS_CONTRACTS], packages: [], node: ['path'] },
  'runtime/vfs/bins/': { files: /^runtime\/vfs\/bins\//, may: [VFS_CONTRACTS], packages: [] },
  'runtime/vfs/open-': { files: /^runtime\/vfs\/open-[^/]+\.ts$/, may: [/^runtime\/vfs\//] },
  'runtime/vfs/': { files: VFS_CONTRACTS, may: [], node: ['crypto'] },
  'runtime/engine/': { files: /^runtime\/engine\//, may: [VFS_CONTRACTS], types: [SDK], packages: [], node: ['crypto'] },
  'runtime/state/': { files: /^runtime\/state\//, may: CONTRACTS, types: [SDK] },
  'runtime/permissions/': { files: /^runtime\/permissions\//, may: CONTRACTS, types: [SDK] },
  'runtime/sandbox/guest/': { files: /^runtime\/sandbox\/guest\//, may: [SDK], packages: [], node: [] },
  'runtime/sandbox/': { files: /^runtime\/sandbox\//, may: [...CONTRACTS, /^sdk\/protocol\.ts$/], types: [SDK, /^runtime\/sandbox\/guest\//] },
  'runtime/report/': { files: /^runtime\/report\//, may: CONTRACTS, types: [SDK] },
  'runtime/project/': { files: /^runtime\/project\//, may: [/^runtime\/(vfs|engine|state|permissions|sandbox|report)\//, SDK] },
  'runtime/tools/': { files: /^runtime\/tools\//, may: [/^runtime\/project\//, VFS_CONTRACTS], types: [SDK] },
  'runtime/cli/': { files: /^runtime\/cli\//, may: [/^runtime\/(project|report|tools)\//, /^package\.json$/], types: [SDK] },
  'templates/': { files: /^templates\//, may: [/^sdk\/index\.ts$/], packages: [], node: [] },
  'examples/': { files: /^examples\//, may: [/^sdk\/index\.ts$/], packages: [], node: [] },
};

/** Packages that only one room may know, so that replacing one is work in that room. */
const PACKAGE_HOMES: Readonly<Record<string, RegExp>> = {
  'quickjs-emscripten-core': /^runtime\/sandbox\//,
  '@jitl/quickjs-ng-wasmfile-release-sync': /^runtime\/sandbox\//,
  trash: /^runtime\/vfs\/open-bin\.ts$/,
  lowdb: /^runtime\/state\//,
  '@napi-rs/keyring': /^runtime\/state\//,
  commander: /^runtime\/cli\//,
  '@inquirer/prompts': /^runtime\/cli\//,
};

let modules: readonly IModule[] = [];
before(async () => {
  const found = await cruise(
    ['sdk', 'runtime', 'templates', 'examples'],
    {
      tsPreCompilationDeps: true,
      enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
      doNotFollow: { path: 'node_modules' },
      validate: true,
      ruleSet: { forbidden: [{ name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } }] },
    },
    undefined,
    { tsConfig: { options: { paths: { sxrun: ['./sdk/index.ts'] } } } },
  );
  modules = (found.output as ICruiseResult).modules;
});

function ownModules(): readonly IModule[] {
  return modules.filter((module) => /^(sdk|runtime|templates|examples)\/.*\.ts$/.test(module.source));
}

/** The room of a file; for back ends and layers also which one, since they are strangers to each other. */
function roomOf(file: string): { name: string; room: Room; part: string | undefined } | undefined {
  for (const [name, room] of Object.entries(ROOMS)) {
    const match = room.files.exec(file);
    if (match) return { name, room, part: match[1]?.replace(/\.ts$/, '') };
  }
  return undefined;
}

/** Why the import breaks the table, as a sentence; undefined when it does not. */
function complaint(module: IModule, dependency: IDependency): string | undefined {
  const home = roomOf(module.source);
  if (home === undefined) return `${module.source} lies in no room of design.md section 2`;
  const { name, room, part } = home;
  const says = `${module.source} imports ${dependency.module}`;
  if (dependency.coreModule)
    return room.node === undefined || room.node.includes(dependency.resolved) ? undefined : `${says}: ${name} does without this part of Node`;
  const target = dependency.resolved;
  if (target.includes('node_modules/')) return packageComplaint(module.source, room, dependency.module, says);
  if (dependency.couldNotResolve && dependency.module !== 'sxrun') return `${says}: there is no such file or package`;
  if (dependency.module === 'sxrun')
    return /^(templates|examples)\//.test(module.source) ? undefined : `${says}: inside the house the SDK is imported by path`;
  const targetHome = roomOf(target);
  if (targetHome?.name === name && targetHome.part === part) return undefined;
  if (room.may.some((pattern) => pattern.test(target)) || (module.source.startsWith('runtime/') && SMALL_FILES.test(target))) return undefined;
  const asType = dependency.dependencyTypes.includes('type-only');
  if (room.types?.some((pattern) => pattern.test(target)))
    return asType ? undefined : `${says}: ${name} may import only types from there (import type)`;
  return `${says}: ${name} must not know ${targetHome?.name ?? target}`;
}

function packageComplaint(source: string, room: Room, specifier: string, says: string): string | undefined {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (room.packages !== undefined && !room.packages.includes(name)) return `${says}: no packages here`;
  const home = PACKAGE_HOMES[name];
  return home === undefined || home.test(source) ? undefined : `${says}: that package is at home in ${home.source}`;
}

test('every file imports only what the table of design.md section 2 allows', () => {
  assert.ok(ownModules().length > 20, 'the files were not found');
  const complaints = ownModules().flatMap((module) =>
    module.dependencies.map((dependency) => complaint(module, dependency)).filter((text) => text !== undefined),
  );
  assert.equal(complaints.join('\n'), '');
});

test('no imports go round in a circle, types included', () => {
  const circles = ownModules().flatMap((module) =>
    module.dependencies
      .filter((dependency) => dependency.circular)
      .map((dependency) => [module.source, ...(dependency.cycle ?? []).map((step) => step.name)].join(' → ')),
  );
  assert.equal(circles.join('\n'), '');
});

test('only cli/ and report/ write to the terminal', () => {
  const writers = ownModules()
    .map((module) => module.source)
    .filter((file) => file.startsWith('runtime/') && !/^runtime\/(cli|report)\//.test(file))
    .filter((file) => /\b(process\.(stdout|stderr)|console\.(log|info|warn|error|debug))\b/.test(readFileSync(file, 'utf8')));
  assert.deepEqual(writers, []);
});

test('the table notices what it forbids', () => {
  const dependency = (resolved: string, more: Partial<IDependency> = {}) =>
    ({ module: resolved, resolved, coreModule: false, couldNotResolve: false, dependencyTypes: ['local'], ...more }) as IDependency;
  const says = (source: string, to: IDependency) => complaint({ source } as IModule, to);
  assert.match(says('runtime/engine/plan.ts', dependency('runtime/vfs/backends/local/local-vfs.ts')) ?? '', /must not know runtime\/vfs\/backends/);
  assert.match(says('runtime/vfs/backends/local/local-vfs.ts', dependency('runtime/vfs/backends/zip/zip-vfs.ts')) ?? '', /must not know/);
  assert.match(says('runtime/engine/plan.ts', dependency('fs', { coreModule: true })) ?? '', /does without this part of Node/);
  assert.match(says('runtime/engine/plan.ts', dependency('sdk/project.ts')) ?? '', /only types/);
  assert.equal(says('runtime/engine/plan.ts', dependency('sdk/project.ts', { dependencyTypes: ['type-only'] })), undefined);
  assert.match(says('sdk/sync.ts', dependency('runtime/threads.ts')) ?? '', /must not know/);
  assert.match(says('runtime/state/x.ts', dependency('runtime/report/y.ts')) ?? '', /must not know runtime\/report/);
  assert.match(says('runtime/cli/main.ts', dependency('node_modules/lowdb/x.js', { module: 'lowdb/node' })) ?? '', /at home in/);
  assert.match(says('runtime/attic/x.ts', dependency('sdk/project.ts')) ?? '', /in no room/);
});
