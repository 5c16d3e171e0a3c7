import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { approvalCommand } from '../../runtime/cli/approval.ts';

describe('command line that approves a plan', { skip: process.platform === 'win32' && 'quoting of a POSIX shell' }, () => {
  const approve = (...args: string[]) => approvalCommand(args, 'a1b2');

  it('is the one that was given, quoted for the shell, with the id before the script arguments', () => {
    assert.equal(approve('my texts.sync.ts', '-v', '--', '-x', "it's"), "sxrun 'my texts.sync.ts' -v --approve a1b2 -- -x 'it'\\''s'");
  });

  it('is not a simulation', () => {
    assert.equal(approve('-s', 'p.sync.ts'), 'sxrun p.sync.ts --approve a1b2');
    assert.equal(approve('--simulate', '-svy', 'p.sync.ts', '-ssq'), 'sxrun -vy p.sync.ts -q --approve a1b2');
  });

  it('leaves arguments of options alone', () => {
    assert.equal(approve('-z', '-vess', '-rs', '-r', 's', '--', '-s'), 'sxrun -z -vess -rs -r s --approve a1b2 -- -s');
    assert.equal(approve('-e', '-s', 'p.sync.ts'), 'sxrun -e -s p.sync.ts --approve a1b2');
  });

  it('replaces an id that was given', () => {
    assert.equal(approve('--approve', 'old', 'p.sync.ts', '--approve=older'), 'sxrun p.sync.ts --approve a1b2');
  });
});
