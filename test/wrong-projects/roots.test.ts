import { refusesAll, type WrongProject } from './wrong-projects.ts';

function wrong(what: string, options: string, says: RegExp): WrongProject {
  return { what, script: `import { defineProject } from 'sxrun';\n\nexport default defineProject({ ${options} });`, at: 'a.sync.ts:3:16', says };
}

const second = (what: string, root: string, says: RegExp) => wrong(what, `roots: ['one', ${root}]`, says);

refusesAll('roots', [
  wrong('no list', "roots: 'one'", /option "roots" is a text; it wants a list of two or more roots/),
  wrong('no root', 'roots: []', /option "roots" has no root; it wants two or more/),
  wrong('one root', "roots: ['one']", /option "roots" has only one root; it wants two or more/),
  wrong('roots forgotten', "excludeFiles: ['*.bak']", /option "roots" is missing; it wants a list of two or more roots/),
  wrong('nothing to copy from', "roots: [{ url: 'one', targetOnly: true }, { url: 'two', targetOnly: true }]", /at least one must be a source/),
  second(
    'a typing error in a root',
    "{ url: 'two', targetonly: true }",
    /"roots\[1\]\.targetonly" is unknown; did you mean "roots\[1\]\.targetOnly"\?/,
  ),
  second('a path instead of a url', "{ path: 'two' }", /"roots\[1\]\.path" is unknown; there are url, targetOnly, autoMkdir, level, shadow/),
  second('a number', '2', /option "roots\[1\]" is 2; it wants a folder \(text\) or an object such as/),
  second('an empty root', "''", /option "roots\[1\]" is ""; it wants a folder/),
  second(
    'a source that is to be made',
    "{ url: 'three', autoMkdir: true }",
    /is only for roots with targetOnly: true; a missing source must not look like/,
  ),
  second('one folder twice', "'./one'", /option "roots\[1\]" is the same folder as "roots\[0"?\].*Name another one, or leave it out/),
  second('one folder by two ways', "'two/../one'", /option "roots\[1\]" is the same folder as/),
  second('a folder that is not there', "'three'", /the root .*three does not exist; create it, or correct its path/),
  second('a target that is not there', "{ url: 'three', targetOnly: true }", /the root .*three does not exist; create it/),
  second('a file', "'file.txt'", /the root .*file\.txt is not a folder/),
  second('a folder below a file', "{ url: 'file.txt/x', targetOnly: true, autoMkdir: true }", /the root .*file\.txt is not a folder/),
  second(
    'a shadow that is a root',
    "{ url: 'two', targetOnly: true, shadow: 'one' }",
    /option "roots\[1\]\.shadow\[0\]" is the same folder as "roots\[0\]"/,
  ),
  second(
    'a shadow around the project',
    "{ url: 'two', targetOnly: true, shadow: '.' }",
    /option "roots\[1\]\.shadow\[0\]" holds .*\.sync\.ts, which belongs to this project/,
  ),
  second(
    'a shadow around a root',
    "{ url: 'one/in', targetOnly: true, autoMkdir: true, shadow: 'one' }",
    /a shadow cannot hold another root or shadow|is the same folder/,
  ),
  second(
    'a shadow that is not there',
    "{ url: 'two', targetOnly: true, shadow: 'three' }",
    /the shadow .*three does not exist; mount its disk, create it/,
  ),
  second('an unknown scheme', "'s3://bucket/x'", /unknown scheme "s3:"; there are tfs: igz: .*; a folder of that name is written "\.\/s3:…"/),
  second('a typing error in a scheme', "'izg:two'", /unknown scheme "izg:"; there are tfs: igz:/),
  second('the URL of a file', "'file:///mnt/usb'", /unknown scheme "file:"; write the path alone/),
  second('a share as URL', "'smb://server/share'", /unknown scheme "smb:"; mount the share/),
  second(
    'an archive that is not there',
    "'zip:three.zip'",
    /the archive .*three\.zip does not exist; correct its path, or let a run make it that only writes/,
  ),
  second('an archive that is not there, under a layer', "'igz:zip:three.zip'", /the archive .*three\.zip does not exist/),
  wrong(
    'an archive as source that is not there, with a mirror',
    "roots: ['zip:three.zip', { url: 'two', targetOnly: true }], mirror: true, guard: false",
    /the archive .*three\.zip does not exist/,
  ),
  wrong(
    'media as source that nobody knows, with a mirror',
    "roots: ['vol1:', { url: 'two', targetOnly: true }], volumes: { 1: { media: 'nomedia%INDEX%' } }, mirror: true, guard: false",
    /nothing is known of vol1, .* no medium is in reach .*put the media in, bring the catalogue back, or correct/,
  ),
  second('media that nobody defined', "'vol1:two'", /"vol1:" root, and option "volumes" is missing, which says where its media are/),
  second('an encoder that nobody defined', "'ienc:two'", /"ienc:" root, and option "encoders" is missing/),
  second('a layer over nothing', "'igz:'", /names nothing after "igz:"; write the folder there, such as "igz:backup"/),
  second('a layer without content as source', "'tfs:two'", /so it can be no source; it wants targetOnly: true/),
  second('something after null:', "'null:two'", /has something after "null:", which is all there is to write/),
  second('a file that is no archive', "{ url: 'zip:file.txt', targetOnly: true }", /this is no ZIP archive, or its end is missing/),
  second(
    'a shadow that is no archive',
    "{ url: 'two', targetOnly: true, shadow: 'zip:file.txt' }",
    /the shadow zip:.*file\.txt cannot be opened: .*this is no ZIP/,
  ),
  second('notes of notes', "{ url: 'tfs:tfs:two', targetOnly: true }", /"roots\[1\]" keeps notes of notes, by "tfs:" twice; leave one of them out/),
  second('a folder as archive', "{ url: 'zip:two', targetOnly: true }", /two is no file; an archive is one/),
  second('a NUL in a path', "'a\\0b'", /holds a NUL character, which no path can/),
]);

refusesAll('sub-projects', [
  wrong('no list', "subSyncs: 'b.sync.ts'", /option "subSyncs" is "b\.sync\.ts"; it wants a list/),
  wrong('a file that is not there', "subSyncs: ['b.sync.ts']", /there is no project file .*b\.sync\.ts: there is nothing at this path/),
  wrong('a folder', "subSyncs: ['one']", /one is a folder; a project is a file that ends in \.sync\.ts/),
  wrong('the project itself', "subSyncs: ['a.sync.ts']", /a project cannot run itself: a\.sync\.ts runs a\.sync\.ts/),
  { ...wrong('a number', 'subSyncs: [5]', /a project or the path of a project file is wanted here, this is 5/), at: 'a.sync.ts:3:1' },
  {
    what: 'a file with an unknown option: the place is in that file',
    script: "export default { subSyncs: ['b.sync.ts'] };",
    files: { 'b.sync.ts': "import { defineProject } from 'sxrun';\n\nexport default defineProject({ roots: ['one', 'two'], verbos: true });" },
    at: 'b.sync.ts:3:16',
    says: /option "verbos" is unknown; did you mean "verbose"\?/,
  },
  {
    what: 'a file without defineProject: the place is its default export',
    script: "import { sync } from 'sxrun';\nawait sync.do('b.sync.ts');",
    files: { 'b.sync.ts': "\n\nexport default { roots: ['one', 'two'], verbos: true };" },
    at: 'b.sync.ts:3:1',
    says: /option "verbos" is unknown/,
  },
  {
    what: 'a file that throws',
    script: "export default { subSyncs: ['b.sync.ts'] };",
    files: { 'b.sync.ts': "\nthrow new Error('not today');" },
    at: 'b.sync.ts:2:11',
    says: /Error: not today\n +throw new Error\('not today'\);/,
  },
  {
    what: 'a file that runs nothing',
    script: "export default { subSyncs: ['b.sync.ts'] };",
    files: { 'b.sync.ts': 'console.log(1);' },
    says: /b\.sync\.ts: nothing to run: write "export default defineProject/,
  },
  {
    what: 'files that run each other',
    script: "import { sync } from 'sxrun';\nawait sync.do('b.sync.ts');",
    files: { 'b.sync.ts': "import { sync } from 'sxrun';\nawait sync.do('a.sync.ts');" },
    at: 'b.sync.ts:2:12',
    says: /a project cannot run itself: a\.sync\.ts runs b\.sync\.ts runs a\.sync\.ts/,
  },
]);
