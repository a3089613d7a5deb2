import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as v from 'valibot';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);

describe('the version of Node.js', () => {
  const oldest = numberIn(
    v.parse(v.object({ engines: v.object({ node: v.string() }) }), JSON.parse(read('package.json'))).engines.node,
    /^>=(\d+)/,
  );
  const lambda = numberIn(
    read('terraform/modules/holdfast/variables.tf'),
    /variable "lambda_runtime" \{[^}]*default\s+= "nodejs(\d+)\.x"/,
  );

  it('of the build fits the oldest that runs it', () => {
    expect(numberIn(read('scripts/build/options.ts'), /target: 'node(\d+)'/)).to.equal(oldest);
    expect(lambda).to.be.at.least(oldest);
  });

  it('is said once for functions, builds and instances', () => {
    for (const name of ['terraform/modules/codebuild/main.tf', 'terraform/modules/efs-file-system/launch_template.tf'])
      expect(read(name)).to.match(/regex\("\\\\d\+", var\.platform\.runtime\)/);
    expect(read('terraform/modules/function/main.tf')).to.contain('= var.platform.runtime\n');
  });
});
