import { refusesAll, type WrongProject } from './wrong-projects.ts';

const PROJECT = "export default { roots: ['one', { url: 'two', targetOnly: true }] };";

function wrong(args: string, says: RegExp, files: Readonly<Record<string, string>> = {}): WrongProject {
  return { what: `sxrun ${args}`, script: PROJECT, files, args: args.split(' '), says };
}

refusesAll('command lines', [
  wrong('--simulat a.sync.ts', /unknown option '--simulat' \(Did you mean --simulate\?\)/),
  wrong('a.sync.ts b.sync.ts', /one project file at a time: .* Arguments for the script go after --/),
  wrong('b.sync.ts', /there is no project file "b\.sync\.ts" \(Did you mean a\.sync\.ts\?\)/),
  wrong('one', /"one" is a folder; a project is a file that ends in \.sync\.ts/),
  wrong('file.txt', /"file\.txt" is no project file: their names end in \.sync\.ts/),
  wrong('-n 5 a.sync.ts', /-n 5: there is no root 5; there are 2 roots, counted from 0/),
  wrong('-d soon a.sync.ts', /-d soon is not a time; write it like "2024-01-31T15:00"/),
  wrong('-t 25:00 a.sync.ts', /-t 25:00 is a time of day that does not exist/),
  wrong('-z a.sync.ts', /-z is for a run without project file, but "a\.sync\.ts" is given/),
  wrong('-z', /-z needs roots: -r URL/),
  wrong('-z -r nope', /the root .*nope does not exist; create it, or correct its path/),
  wrong('-z -r sftp://host/x', /"sftp:" root, which this version cannot open; mount the server/),
  wrong('-q -v a.sync.ts', /-v shows more and -q shows less: give one of the two/),
  wrong('-L no/x.log a.sync.ts', /no.x\.log cannot be written: its folder does not exist; make it first/),
  wrong('-l one a.sync.ts', /one cannot be written: a file was expected here, but there is a folder/),
  wrong('--audit one a.sync.ts', /--audit .*one cannot be opened, and without it nothing is done: a file was expected here/),
  wrong('--script-timeout soon a.sync.ts', /--script-timeout soon: this is not a time such as 30s/),
  wrong('--script-memory much a.sync.ts', /--script-memory much: this is not a size such as 256MB/),
  wrong('-e one/ a.sync.ts', /write it without the slash at the end: "one"/),
]);

refusesAll('grants', [
  wrong('--allow-net=http://x a.sync.ts', /"net:http:\/\/x" is no host\. Write net:host\.example/),
  wrong('--allow-net a.sync.ts', /--allow-net takes "a\.sync\.ts" for what it allows: write --allow-net=LIST before the project file/),
  wrong('--allow-run=nope-nope a.sync.ts', /"run:nope-nope" cannot be granted: no program nope-nope/),
  wrong('allow a.sync.ts', /sxrun allow: what\? Name it like read:\/mnt\/texts/),
  wrong('allow a.sync.ts reed:/x', /"reed:\/x" is no grant\. Write read:PATH, write:PATH, net:HOST/),
  wrong('allow a.sync.ts one', /"one" is no grant\. .*For a path write read:one or write:one/),
  wrong('allow a.sync.ts read:', /"read:" grants nothing\. Write read:\/path\/to\/folder/),
  wrong('allow a.sync.ts net:host:99999', /is no host\. Write .*port 1 to 65535/),
  wrong('allow nope.sync.ts read:/x', /there is no project file "nope\.sync\.ts" in .*it has a\.sync\.ts/),
  wrong('revoke a.sync.ts', /nothing is remembered for .*; "sxrun grants" lists what is/),
  {
    ...wrong('-p a.sync.ts', /not permitted:[\s\S]*To allow it:\n +sxrun allow .*a\.sync\.ts read:.*outside write:/),
    what: 'a root that nobody allowed',
    script: "export default { roots: ['one', '../outside'] };",
    code: 3,
  },
]);

const plan = (text: string) => ({ 'p.json': text });

refusesAll('plan files', [
  wrong('plan a.sync.ts', /sxrun plan needs a file for the plan: -o FILE/),
  wrong('plan a.sync.ts -o one', /the plan .*one cannot be written: a file was expected here, but there is a folder/),
  wrong('plan a.sync.ts -o no/p.json', /the plan .*p\.json cannot be written: its folder does not exist; make it first/),
  wrong('plan a.sync.ts -o a.sync.ts', /it is there and is no plan; give another name/),
  wrong('apply', /sxrun apply needs a plan: the file that "sxrun plan -o FILE" wrote/),
  wrong('apply nope.json', /the plan .*nope\.json cannot be read: there is nothing at this path/),
  wrong('apply one', /the plan .*one cannot be read: a file was expected here, but there is a folder/),
  wrong('apply p.json', /it is damaged, or no plan: it is not JSON/, plan('{')),
  {
    ...wrong('apply p.json', /it is no plan: "sxrun plan PROJECT -o FILE" or plan\.save\(FILE\) makes one/, plan('{"a":1}')),
    what: 'some other JSON',
  },
  {
    ...wrong('apply p.json', /format version 99.*apply it with the sxrun that made it, or plan again/, plan('{"format":"sxrun plan","version":99}')),
    what: 'a plan of a newer version',
  },
  { ...wrong('apply p.json', /it is damaged \(at madeMs\): plan again/, plan('{"format":"sxrun plan","version":1}')), what: 'half a plan' },
]);

const database = (what: string, text: string, says: RegExp): WrongProject => ({ ...wrong('-y a.sync.ts', says, { 'a.sync.ts.syncdb': text }), what });

refusesAll('databases', [
  database('garbage', 'garbage', /a\.sync\.ts\.syncdb is damaged: .*Nothing was changed\. Move it away together with its \.journal file/),
  database('of a newer version', '{"format":"sxrun-syncdb","version":99}\n', /written by a newer sxrun/),
]);
