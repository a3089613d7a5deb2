import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { holdfast } from '../../support/command-line.ts';
import { useTemporaryFolders } from '../../support/repositories.ts';

const token = 'ghp_Canary4f9d2b7c6a1e8053Planted';
const oldToken = '4f9d2b7c6a1e80534f9d2b7c6a1e80534f9d2b7c';
const word = 'Canary+pass';

/** What people type by mistake, and what of it must be seen nowhere. */
const mistakes: [args: string[], secret: string, env?: Record<string, string>][] = [
  [['backup', 'github', 'acme', '--token-file', token], token],
  [['backup', 'github', 'acme', `--token-file=${token}`], token],
  [['backup', 'github', 'acme', '--token-file', oldToken], oldToken],
  [['backup', 'github', 'acme', '--secret', token], token],
  [['backup', 'github', 'acme', '--secret', oldToken], oldToken],
  [['backup', 'github', token], token],
  [['backup', 'git', 'a', '--vault', token], token],
  [['backup', 'git', 'a', '--vault', `s3://${token}`], token],
  [['backup', 'git', 'a', '--from', token], token],
  [['backup', 'github', 'acme', '--api-url', `https://me:${word}@host/api/v3`], word],
  [['show', token], token],
  [[token], token],
  [['list', `--${token}`], token],
  [['doctor', '--token', token], token],
  [['list'], token, { HOLDFAST_VAULT: token }],
  [['backup', 'git', 'https://127.0.0.1:1/a'], token, { NETRC: token }],
  ...['', '/99', '#99', '?99', '@99', '%99', '/ü'].map((more): [string[], string] => [
    ['backup', 'git', `http://u:${word}${more}@127.0.0.1:1/x`],
    word,
  ]),
  [['backup', 'git', `ssh://u:${word}/99@127.0.0.1:1/x`], word],
  [['copy', `http://u:${word}/99@127.0.0.1:1/x`, '--to', 'there'], word],
  [['restore', 'git/x', '--to', `http://u:${word}#99@127.0.0.1:1/x`], word],
  [['backup', 'git', 'http://u:12/34Canary@127.0.0.1:1/x'], '34Canary'],
];

describe('a secret in the place of an argument', () => {
  const folder = useTemporaryFolders();

  it('is printed by no command and stored nowhere', async function () {
    this.timeout(300_000);
    const place = await folder();
    for (const [at, [args, secret, env = {}]] of mistakes.entries()) {
      const format = at % 2 === 0 ? ['--debug'] : ['--json', '--debug'];
      const { code, stdout, stderr } = await holdfast([...args, ...format], { cwd: place, env });
      expect(code, args.join(' ')).not.to.equal(0);
      expect(stdout + stderr, args.join(' ')).not.to.include(secret);
      expect((await readdir(place, { recursive: true })).join('\n'), args.join(' ')).not.to.include(secret);
    }
  });
});
