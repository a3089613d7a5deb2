import { expect } from 'chai';
import { childEnvironment, readEnvironment } from '#core/runtime/environment.ts';

describe('the environment', () => {
  it('of the process is read with empty values as none, but for the place of the vault', () => {
    expect(readEnvironment({ GITHUB_TOKEN: '', NO_COLOR: '', HOLDFAST_VAULT: '' })).to.include({
      githubToken: undefined,
      noColor: false,
      vault: '',
    });
    expect(readEnvironment({ GITHUB_TOKEN: 't', NETRC: '/n', NO_COLOR: '1', HOLDFAST_VAULT: 'v' })).to.include({
      githubToken: 't',
      netrcFile: '/n',
      noColor: true,
      vault: 'v',
    });
    expect(readEnvironment({}).vault).to.equal(undefined);
    expect(readEnvironment({}).netrcFile).to.match(/\.netrc$/);
  });

  it('of a child process holds only what programs need, and their configuration where it is asked for', () => {
    const env = {
      PATH: '/bin',
      TMPDIR: '/scratch',
      HOME: '/home/me',
      GIT_CONFIG_GLOBAL: '/my/config',
      https_proxy: 'http://user:word@proxy',
      GITHUB_TOKEN: 'x',
      OTHER_PAT: 'x',
      NODE_OPTIONS: '--import=x',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_SESSION_TOKEN: 'x',
      db_password: 'x',
      GIT_DIR: '/elsewhere',
      GIT_WORK_TREE: '/elsewhere',
      GIT_INDEX_FILE: '/elsewhere',
      GIT_OBJECT_DIRECTORY: '/elsewhere',
      GIT_ALTERNATE_OBJECT_DIRECTORIES: '/elsewhere',
      GIT_COMMON_DIR: '/elsewhere',
      GIT_NAMESPACE: 'other',
    };
    const needed = { PATH: '/bin', TMPDIR: '/scratch', LC_ALL: 'C' };
    expect(childEnvironment({ LC_ALL: 'C' }, {}, env)).to.deep.equal(needed);
    expect(childEnvironment({ LC_ALL: 'C' }, { userConfiguration: true }, env)).to.deep.equal({
      ...needed,
      HOME: '/home/me',
      GIT_CONFIG_GLOBAL: '/my/config',
    });
  });
});
