import { refusesAll, type WrongProject } from './wrong-projects.ts';

/** `option` stands in line 5 of a project that begins in line 3. */
function wrong(what: string, option: string, says: RegExp): WrongProject {
  const lines = ['', 'export default defineProject({', "  roots: ['one', { url: 'two', targetOnly: true }],", `  ${option},`, '});'];
  return { what, script: ["import { defineProject } from 'sxrun';", ...lines].join('\n'), at: 'a.sync.ts:3:16', says };
}

refusesAll('options', [
  wrong('a typing error in a name', "excludeFile: ['*.bak']", /option "excludeFile" is unknown; did you mean "excludeFiles"\?/),
  wrong('a name as in other languages', "exclude_files: ['*.bak']", /did you mean "excludeFiles"\?/),
  wrong('a name with other capitals', 'syncremove: true', /did you mean "syncRemove"\?/),
  wrong('an option from nowhere', "colour: 'red'", /option "colour" is unknown; the README lists all options/),
  wrong('an option of a root beside the roots', 'targetOnly: [1]', /option "targetOnly" is unknown; the README lists all options/),
  wrong('a text instead of true', "mirror: 'yes'", /option "mirror" is "yes"; it wants true or false/),
  wrong('a text instead of a list', "excludeFiles: '*.bak'", /option "excludeFiles" is "\*\.bak"; it wants a list of patterns such as/),
  wrong('a number in a list of patterns', "excludeFiles: ['*.bak', 5]", /option "excludeFiles\[1\]" is 5; it wants a pattern such as/),
  wrong('a text instead of a function', "isExclude: '*.bak'", /option "isExclude" is "\*\.bak"; it wants a function/),
  wrong('a typing error in a nested option', 'guard: { maxRemoved: 5 }', /option "guard\.maxRemoved" is unknown; did you mean "guard\.maxRemove"\?/),
  wrong('a nested option from nowhere', "logFile: { file: 'x.log' }", /option "logFile\.file" is unknown; there are path, mode/),
  wrong(
    'a share above everything',
    "guard: { maxRemove: '150%' }",
    /option "guard\.maxRemove" is "150%"; it wants a number of files or a share from/,
  ),
  wrong('a share in words', "guard: { maxOverwrite: 'half' }", /option "guard\.maxOverwrite" is "half"; it wants a number of files or a share/),
  wrong('a negative limit', 'guard: { maxRemove: -5 }', /option "guard\.maxRemove" is -5; it wants a number of files or a share/),
  wrong('a guard that is only switched on', 'guard: true', /option "guard" is true; it wants false or an object such as \{ maxRemove/),
  wrong(
    'a wrong mode of the log file',
    "logFile: { path: 'x.log', mode: 'new' }",
    /option "logFile\.mode" is "new"; it wants "append" or "overwrite"/,
  ),
  wrong('a log file in a folder that is not there', "logFile: 'logs/x.log'", /option "logFile": .*its folder does not exist; make it first/),
  wrong('a folder as log file', "logFile: 'one'", /option "logFile": .* cannot be written: a file was expected here, but there is a folder/),
  wrong('one file for log and list', "logFile: 'x.log', sourceList: 'x.log'", /option "sourceList": .*x\.log is the log file.*name another file/),
  wrong('a pattern of a folder with a slash', "excludeDirs: ['node_modules/']", /write it without the slash at the end: "node_modules"/),
  wrong('a pattern that starts with a point', "excludeFiles: ['./a.txt']", /a pattern at the root starts with a slash: "\/a\.txt"/),
  wrong('a pattern that leads out', "excludeFiles: ['../a.txt']", /leads out of the roots; patterns count from a root/),
  wrong(
    'a pattern without end',
    "excludeFiles: ['XX']".replace('XX', '['.repeat(20_000)),
    /option "excludeFiles\[0\]" has 20000 characters; a pattern has at most 10000/,
  ),
  wrong('a time beyond all dates', 'newerThan: 1e308', /option "newerThan" is 1e\+308, not a time; milliseconds since 1970 are wanted/),
  wrong('a program by a root URL', "encoders: { gpg: { encode: ['igz:./gpg'] } }", /option "encoders\.gpg\.encode" is a root URL; it wants the path/),
  wrong('a path without end', `logFile: '${'a/'.repeat(5000)}'`, /option "logFile" has 10000 characters; a path has at most 4095/),
  wrong('an empty pattern', "killFiles: ['']", /option "killFiles\[0\]" is "", which matches nothing/),
  wrong('the path of a file as pattern', "excludeFiles: ['TOP/one/a.txt']", /a leading slash stands for the root: write "\/a\.txt"/),
  wrong('a pattern that negates', "excludeFiles: ['!a.txt']", /a pattern does not negate: name what is to stay in "includeFiles"/),
  wrong('a day in words', "newerThan: 'yesterday'", /option "newerThan" is "yesterday", not a time; write it like "2024-01-31T15:00"/),
  wrong('a day that does not exist', "newerThan: '31.02.2024'", /option "newerThan" is "31\.02\.2024", a date that does not exist/),
  wrong('true as a time', 'newerThan: true', /option "newerThan" is true; it wants a Date, milliseconds/),
  wrong('an unknown policy for collisions', "onCollision: 'newer'", /it wants "report", "newest", "keepBoth" or a function/),
  wrong('an unknown comparison', "compare: 'hash'", /option "compare" is "hash"; it wants "time", "size" or "content"/),
  wrong('an unknown way to go on', "onError: 'continue'", /it wants "stop", "continue-files", "continue-syncs" or "continue-subsyncs"/),
  wrong('a switch for links', 'symlinks: true', /option "symlinks" is true; it wants "ignore", "copy" or "follow"/),
  wrong('one shift without a list', 'ignoreTimeShifts: 60', /option "ignoreTimeShifts" is 60; it wants a list of minutes such as \[60\]/),
  wrong('nothing at once', 'parallel: 0', /option "parallel" is 0; it wants a whole number from 1 on/),
  wrong('removals without a database', 'syncDb: false, syncRemove: true', /"syncRemove" needs the database; leave "syncDb" out, or set "syncRemove"/),
  wrong('a database in a folder that is not there', "syncDb: 'db/x.syncdb'", /its folder does not exist; make it first.*option syncDb/),
  wrong('a folder as database', "syncDb: 'one'", /one cannot be read: a file was expected here, but there is a folder.*option syncDb/),
  wrong('some other file as database', "syncDb: 'file.txt'", /file\.txt is damaged: .*Nothing was changed\. Move it away/),
  wrong('a name that is a number', 'name: 5', /option "name" is 5; it wants a name/),
  wrong('a project that lies in none of its roots', 'checkCwd: true', /option "checkCwd" wants the project file in one of the roots/),
  wrong(
    'an unknown option of versions',
    'versions: { keep: { days: 3 } }',
    /option "versions\.keep\.days" is unknown; there are last, hourly, daily/,
  ),
  // What cannot leave the script is refused there: the place is the default export.
  ...[
    wrong(
      'a regular expression as pattern',
      'excludeFiles: [/bak/]',
      /option "excludeFiles\[0\]" cannot be \/bak\/; write a pattern such as "\*\.bak"/,
    ),
    wrong(
      'a forgotten await in an option',
      'excludeFiles: Promise.resolve([])',
      /option "excludeFiles" cannot be a promise \(write await before it\)/,
    ),
    wrong('a time that is none', "newerThan: new Date('soon')", /option "newerThan" is an invalid Date; write it like new Date/),
    wrong('an item that is undefined', 'excludeFiles: [undefined]', /option "excludeFiles\[0\]" cannot be undefined/),
  ].map((project): WrongProject => ({ ...project, at: 'a.sync.ts:3:1' })),
]);
