import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { feed } from '#core/git/native.ts';

describe('the input of a git process', () => {
  it('is written at the pace of git, and leaves no listener behind for each wait', async () => {
    const child = spawn('git', ['hash-object', '--stdin']);
    child.stdout.resume();
    child.stderr.resume();
    let most = 0;
    function* chunks(): Generator<Buffer> {
      for (let sent = 0; sent < 200; sent++) {
        most = Math.max(most, child.stdin.listenerCount('close'), child.stdin.listenerCount('drain'));
        yield Buffer.alloc(64 << 10);
      }
    }
    const ended = once(child, 'close');
    await feed(child, chunks());
    expect(await ended).to.deep.equal([0, null]);
    expect(most).to.be.below(5);
  });
});
