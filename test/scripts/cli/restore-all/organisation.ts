import path from 'node:path';
import { seedGitHub, startGitHub, type GitHub } from '../../../support/github-server.ts';
import { holdfast, type CommandLineResult } from '../../../support/command-line.ts';
import { refsOf } from '../../../support/repositories.ts';

export const token = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';

/** An organisation at the stand-in for GitHub, another that is empty, and a vault that holds the first. */
export interface Organisation {
  github: GitHub;
  place: string;
  run: (...args: string[]) => Promise<CommandLineResult>;
  /** All refs but those of pull requests, by the repository's name. */
  refs: (owner: string) => Promise<Record<string, Record<string, string>>>;
}

export async function organisation(place: string, repositories: number): Promise<Organisation> {
  const github = await startGitHub({
    root: path.join(place, 'github'),
    accounts: [
      { login: 'alice' },
      { login: 'bob' },
      { login: 'acme', type: 'Organization', members: ['alice'] },
      { login: 'restored', type: 'Organization', members: ['alice'] },
    ],
    tokens: { [token]: 'alice' },
  });
  const shape = { tags: ['v1'], branches: ['dev'], annotatedTags: ['v2'], pulls: 1 };
  await seedGitHub(github, { owner: 'acme', repositories, privateEvery: 2, shape });
  const environment = { GITHUB_TOKEN: token, HOLDFAST_VAULT: path.join(place, 'vault') };
  const run = (...args: string[]): Promise<CommandLineResult> =>
    holdfast([...args, '--api-url', github.apiUrl], { cwd: place, env: environment });
  const refs = async (owner: string) => {
    const found: Record<string, Record<string, string>> = {};
    for (const one of github.repositories.filter(({ fullName }) => fullName.startsWith(`${owner}/`))) {
      const all = [...(await refsOf(one.path)).refs].filter(([name]) => !name.startsWith('refs/pull/'));
      found[one.fullName.slice(owner.length + 1)] = Object.fromEntries(all);
    }
    return found;
  };
  return { github, place, run, refs };
}
