import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonLine } from '../../runtime/report/json.ts';
import { isPrintable } from '../../runtime/printable.ts';
import { RUN } from './a-run.ts';

describe('JSON report', () => {
  it('is one object a line, whatever the event', () => {
    for (const event of RUN) {
      const line = jsonLine(event);
      assert.match(line, /^\{.*\}\n$/);
      assert.equal(JSON.parse(line).type, event.type);
    }
  });

  it('has all keys of an action, null where there is nothing to say', () => {
    assert.equal(
      jsonLine({ type: 'action', op: 'remove', path: 'a', from: undefined, to: 1, reason: 'removed', kind: 'file' }),
      '{"type":"action","op":"remove","path":"a","from":null,"to":1,"reason":"removed","moved":null,"size":null,"kind":"file"}\n',
    );
    assert.equal(
      jsonLine({ type: 'action', op: 'move', path: 'a', from: undefined, to: 1, reason: 'moved', kind: 'file', moved: 'b', size: 7 }),
      '{"type":"action","op":"move","path":"a","from":null,"to":1,"reason":"moved","moved":"b","size":7,"kind":"file"}\n',
    );
  });

  it('keeps collisions, problems, result and exit in fixed shapes', () => {
    assert.equal(
      jsonLine({ type: 'collision', path: 'a', reason: 'both', resolved: undefined }),
      '{"type":"collision","path":"a","reason":"both","resolved":null}\n',
    );
    assert.equal(
      jsonLine({ type: 'problem', path: 'a', root: undefined, code: 'x', message: 'm' }),
      '{"type":"problem","path":"a","root":null,"code":"x","message":"m"}\n',
    );
    assert.deepEqual(Object.keys(JSON.parse(jsonLine(RUN.at(-1) ?? assert.fail()))), [
      'type',
      'project',
      'simulation',
      'copied',
      'removed',
      'made',
      'moved',
      'kept',
      'bytes',
      'collisions',
      'problems',
      'seconds',
      'end',
    ]);
    assert.equal(jsonLine({ type: 'exit', code: 130 }), '{"type":"exit","code":130}\n');
  });

  it('escapes what would act on a terminal, and a reader gets the very same text', () => {
    const message = 'é 日本 😀 \u0085\u202e\u2028\u001b[2J\ufeff \ud800';
    const line = jsonLine({ type: 'log', level: 'info', message });
    assert.ok(isPrintable(line.slice(0, -1)));
    assert.equal(JSON.parse(line).message, message);
  });
});
