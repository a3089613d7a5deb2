import { expect } from 'chai';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('status --prometheus', () => {
  const folder = useTemporaryFolders();

  it('prints each metric once, with a sample of each source, and ends as status does', async () => {
    const place = await folder();
    const run = (...args: string[]) => inProcess(() => main(args), place);
    await createRepository(path.join(place, 'a.git'));
    await run('backup', 'git', './a.git', './none.git', '--quiet');
    await run('drill', '--quiet');
    const { code, stdout } = await run('status', '--prometheus');
    expect(code).to.equal(3);
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines)
      expect(line).to.match(/^(# (HELP|TYPE) holdfast_[a-z_]+ \S.*|holdfast_[a-z_]+\{source="git"\} \d+(\.\d+)?)$/);
    const names = lines.filter((line) => line.startsWith('# TYPE'));
    expect(new Set(names).size).to.equal(names.length);
    expect(lines).to.include.members([
      'holdfast_items{source="git"} 1',
      'holdfast_items_proven{source="git"} 1',
      'holdfast_items_failing{source="git"} 1',
      'holdfast_last_run_complete{source="git"} 0',
    ]);
    expect((await run('status', '--prometheus', '--json')).code).to.equal(2);
  });
});
