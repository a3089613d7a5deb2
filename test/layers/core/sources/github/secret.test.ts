import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { HoldfastError } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { parseGitHubSecret, type GitHubSecret } from '#core/sources/github/secret.ts';

const name = 'prod/github-backup';
const token = 'ghp_secretSecretSecretSecretSecretSe0003';
const least = { TOKEN_GITHUB: token, BACKUP_S3_BUCKET: 'acme-backups' };

function parsed(more: object): GitHubSecret {
  return parseGitHubSecret(JSON.stringify({ ...least, ...more }), name);
}

/** What the secret is refused with; fails where it is not. */
function refusal(text: string): HoldfastError {
  try {
    parseGitHubSecret(text, name);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

function refusalOf(more: object): string {
  const { code, message } = refusal(JSON.stringify({ ...least, ...more }));
  expect(code).to.equal('ConfigurationInvalid');
  expect(message).to.include(`the secret ${name}`);
  return message;
}

describe('secret of the GitHub backup', () => {
  it('has the four keys of older deployments', () => {
    const secret = parsed({ BACKUP_ONLY_OWNER_REPOS: 'True', BACKUP_S3_PREFIX: '/github/' });
    expect(secret.token).to.equal(token);
    expect(secret.settings.onlyOwned).to.be.true;
    expect(secret.vault).to.deep.equal({ bucket: 'acme-backups', prefix: 'github' });
    expect(mask(`x${token}x`)).to.equal('x***x');
  });

  it('needs little', () => {
    expect(parsed({})).to.deep.equal({
      token,
      app: undefined,
      settings: {
        owner: undefined,
        onlyOwned: undefined,
        include: [],
        exclude: [],
        forks: true,
        archived: true,
        visibility: 'all',
        datasets: undefined,
      },
      vault: { bucket: 'acme-backups', prefix: '' },
      apiUrl: undefined,
      requestsPerMinute: undefined,
      refsExclude: [],
      format: undefined,
      lfsLimit: undefined,
      notifySuccess: false,
      objectives: { rpo: undefined, rto: undefined },
    });
  });

  it('sets everything that a run can have', () => {
    const secret = parsed({
      BACKUP_OWNER: ' acme ',
      BACKUP_INCLUDE: 'acme/{a,b}*, acme/web\nother',
      BACKUP_EXCLUDE: ['acme/old'],
      BACKUP_FORKS: 'no',
      BACKUP_ARCHIVED: 0,
      BACKUP_VISIBILITY: 'Private',
      BACKUP_DATASETS: 'code, wiki',
      BACKUP_API_URL: 'https://ghe.example/api/v3',
      BACKUP_REQUESTS_PER_MINUTE: '60',
      BACKUP_REFS_EXCLUDE: 'refs/pull/*',
      BACKUP_FORMAT: 'tar.gz',
      BACKUP_LFS_LIMIT: '1.5 GB',
      BACKUP_NOTIFY_SUCCESS: 'yes',
      BACKUP_RPO: '26h',
      BACKUP_RTO: ' 1.5 d ',
    });
    expect(secret.objectives).to.deep.equal({ rpo: 93_600, rto: 129_600 });
    expect(secret.settings).to.deep.equal({
      owner: 'acme',
      onlyOwned: undefined,
      include: ['acme/{a,b}*', 'acme/web', 'other'],
      exclude: ['acme/old'],
      forks: false,
      archived: false,
      visibility: 'private',
      datasets: new Set(['code', 'wiki']),
    });
    expect(secret.apiUrl).to.equal('https://ghe.example/api/v3');
    expect(secret.requestsPerMinute).to.equal(60);
    expect(secret.refsExclude).to.deep.equal(['refs/pull/*']);
    expect(secret.format).to.equal('tar.gz');
    expect(secret.lfsLimit).to.equal(1_500_000_000);
    expect(refusalOf({ BACKUP_LFS_LIMIT: 'much' })).to.include('BACKUP_LFS_LIMIT: must be a size');
    expect(secret.notifySuccess).to.be.true;
  });

  it('knows true and false in the ways that people and tools write them', () => {
    for (const value of ['True', 'true', 'TRUE', true, 1, '1', 'yes', 'Yes', 'on', ' true\n'])
      expect(parsed({ BACKUP_FORKS: value }).settings.forks, String(value)).to.be.true;
    for (const value of ['False', 'false', false, 0, '0', 'no', 'off'])
      expect(parsed({ BACKUP_FORKS: value }).settings.forks, String(value)).to.be.false;
    for (const value of ['', 'maybe', 'ja', 2, -1, '01', null, [], {}, [true], 'truefalse'])
      expect(refusalOf({ BACKUP_FORKS: value })).to.include('BACKUP_FORKS: must be true or false');
  });

  it('may have a byte order mark and newlines around it', () => {
    expect(parseGitHubSecret(`\uFEFF\n ${JSON.stringify(least)}\r\n`, name).token).to.equal(token);
    expect(parsed({ TOKEN_GITHUB: `${token}\n` }).token).to.equal(token);
  });

  it('must be a JSON object', () => {
    for (const text of ['', ' \n', '\uFEFF']) expect(refusal(text).message).to.equal(`the secret ${name} is empty`);
    for (const text of [token, '{', `{'TOKEN_GITHUB': '${token}'}`, '\u0000\u0001'])
      expect(refusal(text).message).to.equal(`the secret ${name} is not JSON`);
    for (const text of ['[]', 'null', '"x"', '1', '[{}]'])
      expect(refusal(text).message).to.include('the whole: must be a JSON object');
  });

  it('needs a bucket, and a token unless an owner is named', () => {
    expect(refusal('{}').message).to.include('BACKUP_S3_BUCKET: missing');
    expect(refusalOf({ TOKEN_GITHUB: undefined }))
      .to.include('TOKEN_GITHUB: missing')
      .and.include('BACKUP_OWNER');
    expect(parsed({ TOKEN_GITHUB: undefined, BACKUP_OWNER: 'acme' }).token).to.be.undefined;
  });

  it('is refused for keys that are no settings, so that a misspelt one is noticed', () => {
    const message = refusalOf({ BACKUP_S3_PREFX: 'x', BACKUP_INCLDUE: 'y', backup_forks: 1 });
    for (const [key, meant] of [
      ['BACKUP_S3_PREFX', 'BACKUP_S3_PREFIX'],
      ['BACKUP_INCLDUE', 'BACKUP_INCLUDE'],
      ['backup_forks', 'BACKUP_FORKS'],
    ] as const)
      expect(message).to.match(new RegExp(`${key}: is not a setting; did you mean ${meant}[ ?]`));
    expect(refusalOf({ NOTHING_LIKE_IT: 1 })).to.match(/NOTHING_LIKE_IT: is not a setting$/);
  });

  it('does not print a key that may be a secret itself', () => {
    expect(refusalOf({ [token]: 'TOKEN_GITHUB' }))
      .to.include('key 3: is not a setting')
      .and.not.include(token);
  });

  it('is refused for values that cannot be', () => {
    const wrong: [key: string, values: unknown[]][] = [
      ['TOKEN_GITHUB', ['', ' ', 'two words', 'a\nb', 1, null, [token]]],
      ['BACKUP_S3_BUCKET', ['', 'UPPER', 's3://bucket', 'a/b', 7]],
      ['BACKUP_S3_PREFIX', [7, null, 'x'.repeat(1000)]],
      ['BACKUP_OWNER', ['', 'acme/app', 'two words', 7]],
      ['BACKUP_ONLY_OWNER_REPOS', ['maybe']],
      ['BACKUP_INCLUDE', ['!acme/old', [''], [7], 7, {}]],
      ['BACKUP_EXCLUDE', [['a', '!b']]],
      ['BACKUP_VISIBILITY', ['internal', '', 1]],
      ['BACKUP_API_URL', ['http://ghe.example', 'https://github.com', 'ghe', 7]],
      ['BACKUP_REQUESTS_PER_MINUTE', [0, 901, 1.5, '', 'many', '-1', '1e2', true, null]],
      ['BACKUP_REFS_EXCLUDE', ['pull/*', ['refs/pull/*', 'x']]],
      ['BACKUP_FORMAT', ['rar', '', 1]],
      ['BACKUP_NOTIFY_SUCCESS', ['sometimes']],
    ];
    for (const [key, values] of wrong)
      for (const value of values) expect(refusalOf({ [key]: value }), inspect(value)).to.include(`${key}: `);
  });

  it('has all its problems named in one error', () => {
    const message = refusalOf({ TOKEN_GITHUB: 'two words', BACKUP_S3_BUCKET: '', BACKUP_FORKS: 'x', BACKUP_FORMT: 1 });
    for (const key of ['TOKEN_GITHUB', 'BACKUP_S3_BUCKET', 'BACKUP_FORKS', 'BACKUP_FORMT'])
      expect(message).to.include(`${key}: `);
  });

  describe('whatever is wrong with it', () => {
    /** A value that nothing else can contain, and the text that holds it. */
    const canary = fc.stringMatching(/^ghp_[0-9a-f]{16}$/);
    const wrapped = fc.tuple(canary, fc.constantFrom('', ' ', '\n', '"', '\\', '\uFEFF', '\u0000', 'ü', '!', 'x/'));
    const keys = fc.constantFrom(
      'TOKEN_GITHUB',
      'BACKUP_S3_BUCKET',
      'BACKUP_S3_PREFIX',
      'BACKUP_OWNER',
      'BACKUP_ONLY_OWNER_REPOS',
      'BACKUP_INCLUDE',
      'BACKUP_EXCLUDE',
      'BACKUP_VISIBILITY',
      'BACKUP_API_URL',
      'BACKUP_REQUESTS_PER_MINUTE',
      'BACKUP_REFS_EXCLUDE',
      'BACKUP_FORMAT',
      'BACKUP_NOTIFY_SUCCESS',
      'BACKUP_FOLKS',
    );

    function everythingSaid(text: string): string {
      try {
        parseGitHubSecret(text, name);
        return '';
      } catch (error) {
        expect(error).to.be.instanceOf(HoldfastError).and.not.have.property('cause');
        return inspect(error, { depth: Infinity, showHidden: true });
      }
    }

    it('no error repeats a value', () => {
      const shapes = fc.constantFrom(
        (value: string): unknown => value,
        (value: string): unknown => [value],
        (value: string): unknown => ({ [value]: value }),
      );
      const entry = fc.tuple(keys, wrapped, shapes);
      fc.assert(
        fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (entries) => {
          const secret = Object.fromEntries(
            entries.map(([key, [value, around], shape]) => [key, shape(around + value)]),
          );
          const said = everythingSaid(JSON.stringify(secret));
          for (const [, [value]] of entries) expect(said).not.to.include(value);
        }),
      );
    });

    it('no error repeats a part of a text that is not JSON, or a key that is a value', () => {
      const cut = fc.tuple(keys, wrapped, fc.nat({ max: 60 }), fc.constantFrom('', '}', ',', "'"));
      fc.assert(
        fc.property(cut, ([key, [value, around], at, extra]) => {
          const json = JSON.stringify({ [key]: around + value, [around + value]: key });
          const said = everythingSaid(json.slice(0, at) + extra + json.slice(at + 1));
          expect(said).not.to.include(value).and.not.include(value.slice(4, 12));
        }),
      );
    });

    it('no error repeats a number', () => {
      fc.assert(
        fc.property(keys, fc.integer({ min: 10_000_000, max: 99_999_999 }), (key, value) => {
          expect(everythingSaid(JSON.stringify({ [key]: value }))).not.to.include(String(value));
        }),
      );
    });
  });
});
