import { expect } from 'chai';
import * as v from 'valibot';
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { useTemporaryFolders } from '../support/repositories.ts';

const source = fileURLToPath(new URL('../../.github/scripts', import.meta.url));

/** The runners of GitHub have both; Windows and small containers do not. */
const missing = ['bash', 'jq'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);

describe('the scripts of the workflows', () => {
  const folder = useTemporaryFolders();
  let place: string;
  const at = (...names: string[]): string => path.join(place, ...names);
  const text = (name: string): Promise<string> => readFile(at(name), 'utf8').catch(() => '');

  interface Ran {
    status: number | null;
    stdout: string;
    /** What the next steps are told. */
    output: Record<string, string>;
    summary: string;
  }

  async function run(script: string, env: Record<string, string>, input = '', ...args: string[]): Promise<Ran> {
    const { status, stdout, stderr } = spawnSync('bash', [at('.github', 'scripts', script), ...args], {
      cwd: place,
      input,
      encoding: 'utf8',
      env: {
        PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
        GITHUB_OUTPUT: at('output'),
        GITHUB_STEP_SUMMARY: at('summary'),
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'acme/holdfast',
        ...env,
      },
    });
    const output = (await text('output')).split('\n').filter((line) => line !== '');
    return {
      status,
      stdout: stdout + stderr,
      output: Object.fromEntries(
        output.map((line): [string, string] => {
          const equals = line.indexOf('=');
          return [line.slice(0, equals), line.slice(equals + 1)];
        }),
      ),
      summary: await text('summary'),
    };
  }

  /** A program that notes its arguments in `calls`, one call a line, and answers what the script says. */
  async function standIn(name: string, script: string): Promise<void> {
    await mkdir(at('bin'), { recursive: true });
    await writeFile(at('bin', name), `#!/usr/bin/env bash\necho "$*" >> '${at('calls')}'\n${script}\n`);
    await chmod(at('bin', name), 0o755);
  }

  before(function () {
    if (missing.length === 0) return;
    this.test!.parent!.title += ` (need ${missing.join(' and ')})`;
    this.skip();
  });

  beforeEach(async () => {
    place = await folder();
    await cp(source, at('.github', 'scripts'), { recursive: true });
  });

  describe('settings.sh', () => {
    const nothing = {
      NAME: '',
      ACCOUNT: '',
      REGION: '',
      STATE_BUCKET: '',
      PLAN_ROLE: '',
      APPLY_ROLE: '',
      BOUNDARY: '',
      KEY_ID: 'false',
      KEY: 'false',
    };
    const settings = (env: Partial<typeof nothing>) => run('settings.sh', { ...nothing, ...env });

    it('leaves a repository alone in which nothing is set up', async () => {
      const { status, output, summary } = await settings({ KEY_ID: 'true', KEY: 'true' });
      expect(status).to.equal(0);
      expect(output).to.deep.equal({ ready: 'false' });
      expect(summary).to.contain(
        '(https://github.com/acme/holdfast/blob/HEAD/docs/deploy.md#from-a-fork-by-github-actions)',
      );
    });

    it('fills in what terraform/bootstrap made from account and region', async () => {
      const { output } = await settings({ ACCOUNT: '123456789012', REGION: 'eu-central-1' });
      expect(output).to.deep.equal({
        ready: 'true',
        access: 'role',
        name: 'holdfast',
        region: 'eu-central-1',
        audience: 'sts.amazonaws.com',
        plan_role: 'arn:aws:iam::123456789012:role/holdfast-deploy-plan',
        apply_role: 'arn:aws:iam::123456789012:role/holdfast-deploy-apply',
        boundary: 'arn:aws:iam::123456789012:policy/holdfast-boundary',
        state_bucket: 'holdfast-state-123456789012-eu-central-1',
      });
    });

    it('knows the other partitions', async () => {
      const china = await settings({ ACCOUNT: '123456789012', REGION: 'cn-north-1', NAME: 'backups' });
      expect(china.output).to.include({
        audience: 'sts.amazonaws.com.cn',
        apply_role: 'arn:aws-cn:iam::123456789012:role/backups-deploy-apply',
      });
    });

    it('takes roles and a bucket that were made otherwise, and then asks for no boundary', async () => {
      const { output } = await settings({
        REGION: 'us-gov-west-1',
        STATE_BUCKET: 'states',
        PLAN_ROLE: 'arn:aws-us-gov:iam::1:role/p',
        APPLY_ROLE: 'arn:aws-us-gov:iam::1:role/a',
        KEY_ID: 'true',
        KEY: 'true',
      });
      expect(output).to.include({ access: 'role', state_bucket: 'states', boundary: '' });
      expect(output).to.include({ apply_role: 'arn:aws-us-gov:iam::1:role/a' });
    });

    it('takes an access key where there is one and no role is named', async () => {
      const { output } = await settings({
        REGION: 'eu-central-1',
        STATE_BUCKET: 'states',
        KEY_ID: 'true',
        KEY: 'true',
      });
      expect(output).to.include({ ready: 'true', access: 'keys', plan_role: '', boundary: '' });
    });

    it('says what is missing, all of it, and fails', async () => {
      const { status, stdout, output, summary } = await settings({ STATE_BUCKET: 'states', KEY_ID: 'true' });
      expect(status).to.equal(1);
      expect(output).to.deep.equal({});
      for (const said of [stdout, summary]) {
        expect(said).to.contain('HOLDFAST_REGION').and.to.contain('AWS_SECRET_ACCESS_KEY');
      }
      expect(stdout).to.contain('::error title=Half set up to deploy::Set the variable HOLDFAST_REGION');
      const noAccount = await settings({ REGION: 'eu-central-1' });
      expect(noAccount.status).to.equal(1);
      expect(noAccount.stdout).to.contain('HOLDFAST_ACCOUNT_ID');
    });

    it('refuses what is no account', async () => {
      const { status, stdout } = await settings({ ACCOUNT: '1234-5678-9012', REGION: 'eu-central-1' });
      expect(status).to.equal(1);
      expect(stdout).to.contain('12 digits');
    });
  });

  describe('plan.sh', () => {
    const env = {
      NAME: 'backups',
      REGION: 'eu-central-1',
      STATE_BUCKET: 'states',
      BOUNDARY: 'arn:aws:iam::123456789012:policy/backups-boundary',
      TFVARS: 'notifications = { emails = ["a@example.org"] }',
    };
    const terraform = `
      if [ "$1" = plan ]; then env | grep ^TF_VAR_ | sort > vars; fi
      if [ "$1" = show ]; then echo 'Plan: 1 to add, 0 to change, 0 to destroy.'; fi
      if [ "$1" = "$FAILS" ]; then exit 1; fi`;

    beforeEach(async () => {
      await mkdir(at('terraform'));
      await standIn('terraform', terraform);
    });

    it('plans with the state, the settings and the boundary of this deployment, and saves the plan', async () => {
      const { status, summary } = await run('plan.sh', env);
      expect(status).to.equal(0);
      const [init, plan] = (await text('calls')).split('\n');
      expect(init).to.equal(
        'init -no-color -backend-config=bucket=states -backend-config=key=backups/terraform.tfstate ' +
          '-backend-config=region=eu-central-1 -backend-config=encrypt=true -backend-config=use_lockfile=true',
      );
      expect(plan).to.match(/^plan .*-out=holdfast\.tfplan$/);
      expect(await text('terraform/terraform.tfvars')).to.equal(`${env.TFVARS}\n`);
      expect(await text('terraform/vars')).to.equal(
        `TF_VAR_github={}\nTF_VAR_name=backups\nTF_VAR_permissions_boundary=${env.BOUNDARY}\n`,
      );
      expect(await text('terraform/plan.md'))
        .to.contain('**Plan: 1 to add')
        .and.to.equal(summary);
    });

    it('leaves the boundary out where there is none', async () => {
      await run('plan.sh', { ...env, BOUNDARY: '' });
      expect(await text('terraform/vars')).not.to.contain('boundary');
    });

    for (const step of ['init', 'plan', 'show']) {
      it(`fails when terraform ${step} does`, async () => {
        const { status } = await run('plan.sh', { ...env, FAILS: step });
        expect(status).to.equal(1);
      });
    }
  });

  describe('describe-plan.sh', () => {
    const describePlan = async (plan: string): Promise<string> => (await run('describe-plan.sh', {}, plan)).stdout;

    it('begins with the sum and shows the plan', async () => {
      const described = await describePlan('  + resource "x" "y" {}\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n');
      expect(described.split('\n')[0]).to.equal('**Plan: 1 to add, 0 to change, 0 to destroy.**');
      expect(described).to.contain('```text\n  + resource "x" "y" {}\n');
      expect(await describePlan('No changes. Your infrastructure matches the configuration.\n')).to.match(
        /^\*\*No changes\./,
      );
      expect(await describePlan('Changes to Outputs:\n  + a = 1\n')).to.match(/^\*\*Only outputs change\./);
    });

    it('is never longer than a comment may be, and cut between lines and characters', async () => {
      const line = `  + name = "${'ü€😀'.repeat(20)}"`;
      const described = await describePlan(
        `${`${line}\n`.repeat(5000)}Plan: 5000 to add, 0 to change, 0 to destroy.\n`,
      );
      expect(Buffer.byteLength(described)).to.be.below(61_000);
      expect(described).to.match(/^\*\*Plan: 5000 to add/);
      expect(described).to.contain(`${line}\n… the rest is in the log.\n\`\`\`\n`);
      expect(described).not.to.contain('\ufffd');
      expect(described.match(/the rest is in the log/g)).to.have.length(1);
    });

    it('lets no plan out of its block', async () => {
      const described = await describePlan('a\n```\n</details> <img src="https://example.org">\n');
      expect(described.match(/^```/gm)).to.have.length(2);
    });
  });

  describe('comment.sh', () => {
    const env = {
      REPOSITORY: 'acme/holdfast',
      PULL_REQUEST: '7',
      COMMIT: '0123456789abcdef',
      RUN_URL: 'https://github.com/acme/holdfast/actions/runs/1',
      RESULT: 'success',
    };
    /** Answers with the ids of the comments that are ours, and keeps the body that is sent. */
    const gh = (ids: string): string => `
      case "$*" in
        *--paginate*) printf '${ids}' ;;
        *) for word in "$@"; do case $word in body=@*) cat "\${word#body=@}" > sent ;; esac; done ;;
      esac`;

    beforeEach(() => writeFile(at('plan.md'), '**Plan: 1 to add**\n'));

    it('writes a comment where there is none', async () => {
      await standIn('gh', gh(''));
      const { status } = await run('comment.sh', env, '', 'plan.md');
      expect(status).to.equal(0);
      const [looked, wrote] = (await text('calls')).split('\n');
      expect(looked).to.contain('repos/acme/holdfast/issues/7/comments').and.to.contain('github-actions[bot]');
      expect(wrote).to.match(/--method POST repos\/acme\/holdfast\/issues\/7\/comments --field body=@/);
      const sent = await text('sent');
      expect(sent).to.match(/^<!-- holdfast: plan -->\n### Plan for 0123456\n\n\*\*Plan: 1 to add\*\*\n/);
      expect(sent).to.contain(env.RUN_URL);
    });

    it('brings its first comment up to date where there are some', async () => {
      await standIn('gh', gh('11\\n12\\n'));
      await run('comment.sh', env, '', 'plan.md');
      expect((await text('calls')).split('\n')[1]).to.match(
        /--method PATCH repos\/acme\/holdfast\/issues\/comments\/11 /,
      );
    });

    it('says that there is no plan when planning failed', async () => {
      await standIn('gh', gh('11\\n'));
      await run('comment.sh', { ...env, RESULT: 'failure' }, '', 'nowhere.md');
      expect(await text('sent')).to.match(/### No plan for 0123456\n\nPlanning failed, .*says why/);
    });

    it('fails when GitHub does', async () => {
      await standIn('gh', 'exit 1');
      expect((await run('comment.sh', env, '', 'plan.md')).status).to.equal(1);
    });
  });

  describe('newest-provider.sh', () => {
    const versions = 'aws = {\n  version = "~> 5.100"\n}\n';

    async function configurations(): Promise<void> {
      for (const folder of ['.', 'bootstrap', 'modules/vault', 'examples/least']) {
        await mkdir(at('terraform', folder), { recursive: true });
        await writeFile(at('terraform', folder, 'versions.tf'), versions);
      }
      await writeFile(at('terraform', '.terraform.lock.hcl'), 'of another version');
    }

    it('tries every configuration without the limit of its provider, in a copy', async () => {
      await configurations();
      await standIn(
        'terraform',
        `cd "\${1#-chdir=}" && { ! [ -e .terraform.lock.hcl ] && cat versions.tf >> '${at('seen')}'; }`,
      );
      const { status, stdout } = await run('newest-provider.sh', {});
      expect(status, stdout).to.equal(0);
      const calls = await text('calls');
      for (const folder of ['.', 'bootstrap', 'modules/vault/', 'examples/least/'])
        for (const verb of ['init', 'validate', 'test']) expect(calls).to.contain(`-chdir=${folder} ${verb}`);
      expect(await text('seen'))
        .to.contain('version = ">= 5.100"')
        .and.not.to.contain('~>');
      expect(await text('terraform/versions.tf')).to.equal(versions);
    });

    it('fails where one of them does, after it has tried all', async () => {
      await configurations();
      await standIn('terraform', `case "$*" in *bootstrap*validate*) exit 1 ;; esac`);
      const { status, stdout } = await run('newest-provider.sh', {});
      expect(status).to.equal(1);
      expect(stdout).to.contain('Fails with it: bootstrap').and.not.to.contain('Fails with it: .');
      expect(await text('calls')).to.contain('-chdir=modules/vault/ test');
    });

    it('lifts the limit as it is written', async () => {
      for (const name of ['versions.tf', 'bootstrap/versions.tf'])
        expect(await readFile(path.join(source, '../../terraform', name), 'utf8')).to.contain('version = "~> 5.100"');
    });
  });

  describe('deployed.sh', () => {
    beforeEach(() => cp(path.join(source, '../../terraform/sources.json'), at('terraform', 'sources.json')));

    it('uses nothing but what Terraform puts out', async () => {
      const declared = await readFile(path.join(source, '../../terraform/modules/holdfast/outputs.tf'), 'utf8');
      const script = await text('.github/scripts/deployed.sh');
      for (const [, name] of script.matchAll(/(?<!\.value)\.(?!value\b)(\w+)\.value/g))
        expect(declared).to.contain(`output "${name}"`);
      for (const [, field] of script.matchAll(/(?<!value)\.value\.(\w+)/g))
        expect(declared, field).to.match(new RegExp(`^ +${field} += `, 'm'));
    });

    it('knows every source that Terraform deploys by what it puts out', async () => {
      const declared = await readFile(path.join(source, '../../terraform/modules/holdfast/outputs.tf'), 'utf8');
      const outputs = declared.split(/^(?:output "|locals )/m).slice(1);
      const sources = outputs.filter((output) =>
        /(?:value = one\(\[|deployed_git_hosts = \{ )for (?:name, )?source in module\./.test(output),
      );
      expect(sources).to.have.length.above(3);
      for (const output of sources)
        expect(output)
          .to.match(/^ +next_run +=/m)
          .and.to.match(/^ +commands +=/m);
    });

    const outputs = {
      vault: {
        value: {
          bucket: 'b',
          location: 's3://b/',
          locations: { github: 's3://b/backups', codecommit: null },
          console: 'https://console/b',
          key_arn: null,
        },
      },
      notifications: { value: 'arn:aws:sns:eu-central-1:123456789012:holdfast-notifications' },
      dashboard: { value: 'https://console/dashboard' },
      github: {
        value: {
          next_run: 'on the 1. of every month at 01:01 UTC, within 60 minutes',
          state_machine: 'arn:aws:states:…',
          console: 'https://console/states',
          secret: 'prod/github-backup',
          commands: { run_now: 'aws stepfunctions start-execution …' },
        },
      },
    };

    it('says where the vault is, when the next run is, and what to type', async () => {
      const { status, summary, stdout } = await run('deployed.sh', {}, JSON.stringify(outputs));
      expect(status).to.equal(0);
      expect(summary).to.equal(stdout);
      expect(summary).to.contain('- The vault: [s3://b/](https://console/b)');
      expect(summary).to.contain(
        '- GitHub: the next run is on the 1. of every month at 01:01 UTC, within 60 minutes; [runs]',
      );
      expect(summary).not.to.contain('CodeCommit');
      expect(summary).to.contain('- Snapshots of GitHub: `holdfast list github --vault s3://b/backups`\n');
      expect(summary).to.contain('# run now\naws stepfunctions start-execution …\n');
    });

    it('says it of each source that is deployed', async () => {
      const codecommit = {
        next_run: 'every day at 02:00 UTC',
        console: 'https://console/others',
        commands: { follow_events: 'aws logs tail …' },
      };
      const { status, summary } = await run(
        'deployed.sh',
        {},
        JSON.stringify({
          ...outputs,
          vault: { value: { ...outputs.vault.value, locations: { github: null, codecommit: 's3://b/' } } },
          github: undefined,
          codecommit: { value: codecommit },
        }),
      );
      expect(status).to.equal(0);
      expect(summary).to.contain(
        '- CodeCommit: the next run is every day at 02:00 UTC; [runs](https://console/others)',
      );
      expect(summary).to.contain('### CodeCommit\n\n```sh\n# follow events\naws logs tail …\n```');
      expect(summary).not.to.contain('GitHub').and.not.to.contain('Nothing');
    });

    it('says it of a source whatever it is called', async () => {
      const efs = {
        next_run: 'home: by cron(0 2 * * ? *) in UTC',
        commands: { run_home_now: 'npx --no-install holdfast run efs/home' },
      };
      const others = {
        codeartifact: { value: { ...efs, console: 'https://c' } },
        efs: { value: efs },
        later: { value: efs },
      };
      for (const [name, value] of Object.entries(others)) {
        const { status, summary } = await run(
          'deployed.sh',
          {},
          JSON.stringify({ ...outputs, github: { value: null }, [name]: value }),
        );
        expect(status, name).to.equal(0);
        expect(summary).to.contain('the next run is home: by cron(0 2 * * ? *) in UTC').and.not.to.contain('Nothing');
        expect(summary)
          .to.contain('# run home now\nnpx --no-install holdfast run efs/home\n')
          .and.not.to.contain('undefined');
      }
    });

    it('says it of each of several Git hosts in one output', async () => {
      const host = { next_run: 'every day', console: 'https://c', secret: 's', commands: { run_now: 'aws …' } };
      const { status, summary } = await run(
        'deployed.sh',
        {},
        JSON.stringify({ ...outputs, git_hosts: { value: { gitlab: host, gitea: host } } }),
      );
      expect(status).to.equal(0);
      expect(summary)
        .to.contain('- GitLab: the next run is every day; [runs](https://c)')
        .and.to.contain('### Gitea\n')
        .and.to.contain('Settings of GitLab: the secret `s`');
    });

    it('names each source that can be deployed, with its drill', async () => {
      const { names, git_hosts: hosts } = v.parse(
        v.object({ names: v.record(v.string(), v.string()), git_hosts: v.array(v.string()) }),
        JSON.parse(await text('terraform/sources.json')),
      );
      const one = { next_run: 'every day', console: 'https://c', commands: { drill_now: 'aws …' } };
      const shown = { ...outputs, git_hosts: { value: Object.fromEntries(hosts.map((name) => [name, one])) } };
      for (const name of Object.keys(names))
        if (!hosts.includes(name)) Object.assign(shown, { [name]: { value: one } });
      const { status, summary } = await run('deployed.sh', {}, JSON.stringify(shown));
      expect(status).to.equal(0);
      for (const title of Object.values(names)) expect(summary).to.contain(`### ${title}\n\n\`\`\`sh\n# drill now\n`);
      const declared = await readFile(path.join(source, '../../terraform/modules/holdfast/outputs.tf'), 'utf8');
      expect(declared.match(/"drill_now" => /g), 'git hosts, CodeCommit, CodeArtifact').to.have.length(3);
    });

    it('says so where no source is deployed', async () => {
      const { status, summary } = await run(
        'deployed.sh',
        {},
        JSON.stringify({ ...outputs, github: undefined, dashboard: undefined }),
      );
      expect(status).to.equal(0);
      expect(summary).to.contain('Nothing is backed up yet').and.not.to.contain('next run');
    });
  });
});
