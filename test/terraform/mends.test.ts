import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { useTemporaryFolders } from '../support/repositories.ts';

const source = fileURLToPath(new URL('../../terraform', import.meta.url));

/**
 * Mends of which no plan knows enough, since they are about ARNs that only AWS gives: each is taken back in a copy, and
 * the module's own tests must find that.
 */
const mends: { mend: string; file: string; from: string; to: string; tests: string; named: RegExp }[] = [
  {
    mend: "the dead letters of rules on a source's own bus",
    file: 'modules/pipeline/dead_letters.tf',
    from: '["-", "/"]',
    to: '["-"]',
    tests: 'state_machine',
    named: /rules on the account's own bus and on the source's own/,
  },
  {
    mend: 'the trust of the role for items of a map',
    file: 'modules/pipeline/role.tf',
    from: '[local.state_machine_arn, "${local.state_machine_arn}/*"]',
    to: '[local.state_machine_arn]',
    tests: 'state_machine',
    named: /executions of a part of the state machine/,
  },
  {
    mend: 'runs whose functions were idle for weeks',
    file: 'modules/pipeline/retries.tf',
    from: '"Lambda.ResourceNotReadyException", ',
    to: '',
    tests: 'state_machine',
    named: /where it has to be connected to its VPC first/,
  },
  {
    mend: 'drills whose functions were idle for weeks',
    file: 'modules/drill/main.tf',
    from: '"Lambda.SubnetIPAddressLimitReachedException", ',
    to: '',
    tests: 'drill',
    named: /waits for the network of a function that was idle/,
  },
  {
    mend: 'the notifications of rules, without a condition',
    file: 'modules/observability/topic.tf',
    from: 'identifiers = ["events.amazonaws.com"]\n    }\n',
    to: 'identifiers = ["events.amazonaws.com"]\n    }\n    condition {\n      test     = "ArnLike"\n      variable = "aws:SourceArn"\n      values   = ["arn:aws:events:*:*:rule/${var.name}-holdfast-*"]\n    }\n',
    tests: 'observability',
    named: /of rules EventBridge takes no condition/,
  },
  {
    mend: 'repositories of CodeCommit with keys of their own',
    file: 'modules/codecommit/repositories.tf',
    from: 'actions   = ["kms:Decrypt"]',
    to: 'actions   = ["kms:DescribeKey"]',
    tests: 'codecommit',
    named: /decrypts_repositories_by_keys_that_are_named/,
  },
];

const hasTerraform = spawnSync('terraform', ['version']).status === 0;

describe(`terraform without a mend${hasTerraform ? '' : ' (skipped: needs terraform 1.11 or newer)'}`, function () {
  this.timeout(600_000);
  const folder = useTemporaryFolders();
  let copy: string;

  before(async function () {
    if (!hasTerraform) this.skip();
    copy = path.join(await folder(), 'terraform');
    await cp(source, copy, { recursive: true, filter: (name) => !name.includes('.terraform') });
  });

  function terraform(module: string, ...args: string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync('terraform', [`-chdir=${path.join(copy, module)}`, ...args], {
      encoding: 'utf8',
      env: { ...process.env, AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    return { status, said: stdout + stderr };
  }

  const modules = new Set(mends.map(({ file }) => path.dirname(file)));
  for (const module of modules) {
    const its = mends.filter(({ file }) => path.dirname(file) === module);
    it(`is found by the module's own tests: ${its.map(({ mend }) => mend).join('; ')}`, async function () {
      const { status, said } = terraform(module, 'init', '-backend=false', '-input=false', '-no-color');
      if (status !== 0 && /could not connect|no such host/.test(said)) {
        this.test!.title += ' (skipped: needs the registry of providers, or TF_CLI_CONFIG_FILE with a copy of them)';
        this.skip();
      }
      expect(status, said).to.equal(0);
      // All at once, since most of the time Terraform starts; each is named by a test of its own.
      for (const { file, from, to } of its) {
        const whole = await readFile(path.join(copy, file), 'utf8');
        expect(whole).to.contain(from);
        await writeFile(
          path.join(copy, file),
          whole.replace(from, () => to),
        );
      }
      const filters = new Set(its.map(({ tests }) => `-filter=tests/${tests}.tftest.hcl`));
      const tested = terraform(module, 'test', '-no-color', ...filters);
      expect(tested.status, tested.said).to.equal(1);
      for (const { named } of its) expect(tested.said).to.match(named);
    });
  }
});
