import { refusesAll, type WrongProject } from './wrong-projects.ts';

/** `call` stands in line 3, where everything is allowed. */
function wrong(call: string, says: RegExp, column: number | '' = ''): WrongProject {
  const names = ['ask', 'env', 'every', 'exec', 'fetch', 'formatTime', 'lock', 'mail', 'period', 'secret', 'sleep', 'sync', 'xfile'];
  const used = names.filter((name) => name === 'sync' || new RegExp(`\\b${name}\\b`).test(call));
  const script = `import { ${used.join(', ')} } from 'sxrun';\nsync.dontDo();\n${call}\n`;
  return { what: call, script, args: ['-A', 'a.sync.ts'], at: `a.sync.ts:3:${column}`.replace(/:$/, ''), says };
}

const MAIL = "server: 'smtp://mail.example', from: 'a@example.org', to: 'b@example.org'";

refusesAll('arguments', [
  wrong("period('1d', 7);", /period wants 'hour', 'day', 'week', 'month' or 'year'; it got 1d/, 1),
  wrong("period('weekly');", /period wants 'hour', 'day', 'week'/, 1),
  wrong("formatTime('today', 'yyyy');", /formatTime wants a valid Date; it got today/, 1),
  wrong("formatTime(new Date(), 'YYYY-MM-DD');", /formatTime: "YYYY" means nothing; there are yyyy yy MMMM/),
  wrong("await every('hourly', () => {});", /every wants milliseconds or a text such as '30s', '10m', '2h'; it got 'hourly'/, 7),
  wrong("await every('1h');", /every wants a function to run; it got undefined/, 7),
  wrong("await sleep('10 minutes');", /sleep wants milliseconds or a text such as/, 7),
  wrong("await xfile.read('file.txt');", /TypeError: not a function\n +await xfile\.read\('file\.txt'\);/, 13),
  wrong('await xfile.readText();', /xfile\.readText: url is missing; it wants the path of a file or another root URL/, 13),
  wrong("await xfile.readText('nope.txt');", /nope\.txt: there is nothing at this path/, 13),
  wrong("await xfile.readText('one');", /one: a file is needed here, and this is a folder/, 13),
  wrong("await xfile.readText('sftp://me@host/x');", /is a "sftp:" root, which this version cannot open/, 13),
  wrong("await xfile.writeText('x.txt', 5);", /xfile\.writeText: text is 5; it wants a text/, 13),
  wrong("await xfile.writeText('no/x.txt', 'a');", /its folder does not exist; make it first: xfile\.mkdir\(folder, \{ parents: true \}\)/, 13),
  wrong("await xfile.copy('file.txt', 'one/a.txt');", /something is already there; \{ overwrite: true \} replaces it/, 13),
  wrong("await xfile.copy('file.txt', 'x', { overwite: true });", /options\.overwite is unknown; it wants an object with nothing but overwrite/, 13),
  wrong("await xfile.remove('one');", /it is a folder; xfile\.rmdir or xfile\.removeRecursive removes it/, 13),
  wrong("await xfile.removeRecursive('one');", /nobody can be asked here; \{ confirm: false \} says that the script is sure/, 13),
  wrong("await xfile.touch('file.txt', 'yesterday');", /xfile\.touch: date is "yesterday"; it wants a valid Date/, 13),
  wrong(
    "for await (const file of xfile.walk('one', { pattern: '*.ts' })) file;",
    /options\.pattern is unknown; it wants an object with nothing but files, dirs/,
    1,
  ),
  wrong("await xfile.readText('a/'.repeat(5000));", /the URL "a\/a\/.*…" has 10000 characters; a path has at most 4095/),
  wrong("await xfile.readText('a/'.repeat(2045));", /has \d+ characters; a path has at most 4095/),
  wrong('await lock();', /lock wants the path of a folder or another root URL; it got undefined/, 7),
  wrong("await lock('one/lock', {});", /lock: staleAfter wants milliseconds or a text such as/, 7),
  wrong("await lock('one/lock', { staleAfter: '1m' }, () => {});", /lock takes no function: write "await using held = await lock/, 7),
  wrong('await exec();', /exec: file is missing; it wants the name or path of a program/, 7),
  wrong("await exec('a/'.repeat(5000));", /"a\/a\/[a/]{50,60}" is no name of a program/),
  wrong("await exec('PROGRAM', [], { cwd: 'igz:one' });", /exec: cwd "igz:one" is a root URL; it wants the path of a file on this machine/, 7),
  wrong("await exec('PROGRAM', [], { cwd: 'a\\0b' });", /exec: cwd "a\\u0000b" holds a NUL character, which no path can/, 7),
  wrong("await exec('PROGRAM', [], { timeout: 1e12 });", /exec: timeout is 1000000000000; it wants at most 24 days/, 7),
  wrong("await lock('one/lock', { staleAfter: 0 });", /lock: staleAfter is 0; it wants a span of time of a second or more/, 7),
  wrong("for await (const file of xfile.walk('one', { files: new Array(1001).fill('*') })) file;", /options\.files has more than 1000 patterns/, 1),
  wrong("await exec('ls', '-l');", /exec: args is "-l"; it wants a list of texts, one an argument/, 7),
  wrong("await exec('ls -l');", /no program ls -l: it is in no folder of the PATH; give its whole path, and arguments in a list behind it/, 7),
  wrong(
    "await exec('PROGRAM', [], { cwd: 'nope' });".replace('PROGRAM', process.execPath.replaceAll('\\', '/')),
    /cannot be started: its folder .*nope does not exist/,
    7,
  ),
  wrong("await fetch('example.org');", /"example\.org" is no URL; write it like https:\/\/host\.example\/path/, 7),
  wrong('await fetch();', /fetch wants a URL such as https:\/\/host\.example\/path/, 7),
  wrong("await fetch('https://host.example', { headers: 5 });", /fetch: headers wants an object such as/, 7),
  wrong("await fetch('https://host.example', { json: 1, body: 'x' });", /fetch wants a body or json, not both/, 7),
  wrong("await fetch('https://host.example', { maxByte: 5 });", /fetch: maxByte is unknown; did you mean "maxBytes"\?/, 7),
  wrong("await fetch('ftp://host.example');", /fetch speaks http: and https: only/, 7),
  wrong("await secret('a b');", /secret: name is "a b"; it wants a name of letters, digits/, 7),
  wrong("await secret('nope');", /there is no secret "nope": keep it with "sxrun secret set nope"/, 7),
  wrong('await env(5);', /env: name is 5; it wants the name of a variable/, 7),
  wrong("await ask('Which?');", /nobody can be asked "Which\?" without a terminal, or with -p; give the answer as an argument/, 7),
  wrong('await mail.send();', /mail\.send wants an object \{ server, from, to, subject, text \}/, 12),
  wrong("await mail.send({ to: 'b@example.org' });", /mail\.send: server is missing; it wants a URL such as smtp:/, 12),
  wrong(`await mail.send({ ${MAIL}, subjet: 's', text: 't' });`, /mail\.send: subjet is unknown; did you mean "subject"\?/, 12),
  wrong(`await mail.send({ ${MAIL}, from: 'me', subject: 's', text: 't' });`, /from "me" is no mail address; write it like me@example\.org/, 12),
]);
