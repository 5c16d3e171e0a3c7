import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../../runtime/engine/events.ts';
import { coloursFor } from '../../runtime/report/colours.ts';
import { textFormat, type TextOptions } from '../../runtime/report/text.ts';
import { RUN } from './a-run.ts';

const PLAIN: TextOptions = { colours: coloursFor(false, {}), quiet: false, verbose: false, approval: (id) => `sxrun texts.sync.ts --approve ${id}` };

function shown(events: readonly RunEvent[], options: Partial<TextOptions> = {}): string {
  return events.map(textFormat({ ...PLAIN, ...options })).join('');
}

describe('text report', () => {
  it('shows roots, a line an action with its reason, what is left and a summary', () => {
    assert.equal(
      shown(RUN),
      `texts
  root 0  /home/me/texts
  root 1  /mnt/usb/texts
make           1  new/ (missing)
copy       0 → 1  new/a.txt (missing)
copy       1 → 0  b.txt (older)
move           1  old name.txt → new name.txt (moved on root 0)
replace    0 → 1  thing (directory replaced by file)
touch          1  same.txt (equal content, other time)
remove         1  gone.txt (removed on root 0)
keep           1  c.txt (target is newer)
collision         d.txt (modified on root 0 and root 1)
resolved          e.txt (modified on root 0 and root 1: newest)
problem        1  f.txt: cannot be read: permission denied
problem           the disk is slow
clock difference 3 s
| 5 files
| warning: careful
| second line
texts: 3 copied (1.2 MiB), 1 removed, 1 directory made, 1 moved, 1 kept (target is newer), 1 collision, 2 problems in 1:05 min
`,
    );
  });

  it('shows only problems, unsettled and settled collisions, warnings and stops when it is quiet', () => {
    assert.equal(
      shown([...RUN, { type: 'stopped', cause: 'error', message: 'root 1 is gone' }], { quiet: true }),
      `collision         d.txt (modified on root 0 and root 1)
resolved          e.txt (modified on root 0 and root 1: newest)
problem        1  f.txt: cannot be read: permission denied
problem           the disk is slow
| warning: careful
| second line
stopped    root 1 is gone
`,
    );
  });

  it('adds sizes and counts when it is verbose', () => {
    const text = shown(RUN, { verbose: true });
    assert.match(text, /^12,345 entries seen$/m);
    assert.match(text, /^planned: 5 files, 1.2 MiB$/m);
    assert.match(text, /^copy {7}0 → 1 {2}new\/a.txt \(1.2 MiB, missing\)$/m);
  });

  it('states the figures of a guard and the exact command line that lets this plan pass', () => {
    const reasons = ['120 of 200 known files on root 1 would be removed (60 %, limit 50 %)'];
    assert.equal(
      shown([
        { type: 'guard', planId: 'a1b2', reasons, approved: false },
        { type: 'stopped', cause: 'guard', message: 'stopped by the guard\nnothing was changed' },
      ]),
      `guard      120 of 200 known files on root 1 would be removed (60 %, limit 50 %)
           Nothing was changed. If this is what you want, approve exactly this plan, once:
             sxrun texts.sync.ts --approve a1b2
stopped    stopped by the guard
           nothing was changed
`,
    );
    assert.equal(shown([{ type: 'guard', planId: 'a1b2', reasons: ['many'], approved: true }]), 'approved   many\n');
  });

  it('says of a simulation that nothing is changed, and of a run without actions that there is nothing to do', () => {
    const result = {
      type: 'result',
      project: 'p',
      end: 'finished',
      copied: 0,
      removed: 2,
      made: 0,
      moved: 0,
      kept: 0,
      bytes: 0,
      collisions: 0,
      problems: 0,
      seconds: 0.04,
    } as const;
    assert.equal(
      shown([{ type: 'start', project: 'p', roots: ['/a', '/b'], simulation: true }]).split('\n')[0],
      'p (simulation: nothing is changed)',
    );
    assert.equal(shown([{ ...result, simulation: true }]), 'p: would be: 2 removed in 0.0 s\n');
    assert.equal(shown([{ ...result, removed: 0, simulation: true }]), 'p: nothing to do in 0.0 s\n');
    for (const end of ['guarded', 'failed', 'interrupted'] as const) {
      assert.equal(shown([{ ...result, removed: 0, simulation: false, end }]), 'p: nothing was changed in 0.0 s\n');
      assert.equal(shown([{ ...result, removed: 0, problems: 1, simulation: false, end }]), 'p: nothing was changed, 1 problem in 0.0 s\n');
    }
    assert.equal(shown([{ ...result, simulation: false, end: 'interrupted' }]), 'p: 2 removed in 0.0 s\n');
  });

  it('keeps its columns when root numbers have two digits', () => {
    const roots = Array.from({ length: 11 }, (_, index) => `/root${index}`);
    const lines = shown([
      { type: 'start', project: 'p', roots, simulation: false },
      { type: 'action', op: 'copy', path: 'a', from: 10, to: 1, reason: 'missing', kind: 'file' },
      { type: 'kept', path: 'b', root: 10, reason: 'target is newer', counted: true },
    ]).split('\n');
    assert.deepEqual(lines.slice(-3), ['copy       10 →  1  a (missing)', 'keep            10  b (target is newer)', '']);
  });

  it('shows control, line-break and bidirectional characters escaped wherever a name or message may bring them', () => {
    const evil = 'x\n\u001b[31m\u202e\u0085y';
    const harmless = 'x\\n\\x1b[31m\\u202e\\x85y';
    const events: RunEvent[] = [
      { type: 'start', project: evil, roots: [evil, evil], simulation: false },
      { type: 'action', op: 'move', path: evil, from: undefined, to: 1, moved: evil, reason: evil, kind: 'file' },
      { type: 'kept', path: evil, root: 0, reason: evil, counted: true },
      { type: 'collision', path: evil, reason: evil, resolved: evil },
      { type: 'problem', path: evil, root: 0, code: 'x', message: evil },
      { type: 'guard', planId: 'id', reasons: [evil], approved: false },
      { type: 'detail', message: evil },
    ];
    for (const event of events) {
      const text = shown([event]);
      assert.ok(text.includes(harmless), `${event.type}: ${JSON.stringify(text)}`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, event.type);
    }
  });

  it('keeps some details for those who want to know more', () => {
    const events: RunEvent[] = [
      { type: 'detail', message: 'told' },
      { type: 'detail', message: 'more', onlyVerbose: true },
    ];
    assert.equal(shown(events), 'told\n');
    assert.equal(shown(events, { verbose: true }), 'told\nmore\n');
  });

  it('puts a bar before every line of a script, so that none passes for a line of the report', () => {
    const forged = shown([{ type: 'log', level: 'info', message: 'ok\nstopped    all is lost\r\n\u001b[2Jend' }]);
    assert.equal(forged, '| ok\n| stopped    all is lost\n| \\x1b[2Jend\n');
  });

  it('paints words on a terminal and changes no letter by it', () => {
    const colours = coloursFor(true, { TERM: 'xterm' });
    const painted = shown(RUN, { colours });
    assert.ok(painted.includes(colours.green('copy     ')));
    assert.ok(painted.includes(colours.red('collision')));
    assert.equal(stripVTControlCharacters(painted), shown(RUN));
  });
});

describe('colours', () => {
  const isColoured = (isTerminal: boolean, env: NodeJS.ProcessEnv) => coloursFor(isTerminal, env).isColorSupported;

  it('are for terminals only', () => {
    assert.equal(isColoured(true, {}), true);
    assert.equal(isColoured(false, {}), false);
    assert.equal(isColoured(true, { TERM: 'dumb' }), false);
  });

  it('are turned off by NO_COLOR and on by FORCE_COLOR, the former wins', () => {
    assert.equal(isColoured(true, { NO_COLOR: '1' }), false);
    assert.equal(isColoured(true, { NO_COLOR: '' }), true);
    assert.equal(isColoured(false, { FORCE_COLOR: '1' }), true);
    assert.equal(isColoured(true, { FORCE_COLOR: '0' }), false);
    assert.equal(isColoured(false, { FORCE_COLOR: '1', NO_COLOR: '1' }), false);
  });
});
