/**
 * Every answer of the stand-in to what a backup of everything asks, held against GitHub's published description: each is
 * written down as a constant of the type that the description gives the endpoint, and the compiler checks them all. The
 * description itself, as JSON Schema, takes 400 MB.
 */
import { expect } from 'chai';
import path from 'node:path';
import ts from 'typescript';
import { accountItem } from '#core/sources/github/accounts/account-item.ts';
import { RecordsStage } from '../layers/core/sources/github/records/stage.ts';
import { sourceOver, token } from '../layers/core/sources/github/stage.ts';
import { fillAccounts, fillRepository } from './github/records/everything.ts';
import { useTemporaryFolders } from './repositories.ts';

/** The endpoints that a backup reads, as the description names them; those before others that they would match. */
const endpoints = [
  '/user',
  '/user/repos',
  '/users/{username}',
  '/users/{username}/starred',
  '/users/{username}/subscriptions',
  '/users/{username}/followers',
  '/users/{username}/following',
  '/gists/starred',
  '/orgs/{org}',
  '/orgs/{org}/repos',
  '/orgs/{org}/members',
  '/orgs/{org}/outside_collaborators',
  '/orgs/{org}/teams',
  '/orgs/{org}/teams/{team_slug}/members',
  '/orgs/{org}/teams/{team_slug}/repos',
  '/orgs/{org}/rulesets',
  '/orgs/{org}/rulesets/{ruleset_id}',
  '/orgs/{org}/hooks',
  '/orgs/{org}/properties/schema',
  '/orgs/{org}/actions/variables',
  '/orgs/{org}/actions/secrets',
  '/orgs/{org}/issue-types',
  '/orgs/{org}/organization-roles',
  '/orgs/{org}/installations',
  '/orgs/{org}/packages',
  '/repos/{owner}/{repo}',
  '/repos/{owner}/{repo}/issues',
  '/repos/{owner}/{repo}/issues/comments',
  '/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by',
  '/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocking',
  '/repos/{owner}/{repo}/pulls',
  '/repos/{owner}/{repo}/pulls/comments',
  '/repos/{owner}/{repo}/labels',
  '/repos/{owner}/{repo}/milestones',
  '/repos/{owner}/{repo}/comments',
  '/repos/{owner}/{repo}/releases',
  '/repos/{owner}/{repo}/topics',
  '/repos/{owner}/{repo}/rulesets',
  '/repos/{owner}/{repo}/rulesets/{ruleset_id}',
  '/repos/{owner}/{repo}/branches',
  '/repos/{owner}/{repo}/branches/{branch}/protection',
  '/repos/{owner}/{repo}/hooks',
  '/repos/{owner}/{repo}/keys',
  '/repos/{owner}/{repo}/autolinks',
  '/repos/{owner}/{repo}/environments',
  '/repos/{owner}/{repo}/actions/variables',
  '/repos/{owner}/{repo}/actions/secrets',
  '/repos/{owner}/{repo}/pages',
  '/repos/{owner}/{repo}/collaborators',
  '/repos/{owner}/{repo}/teams',
  '/repos/{owner}/{repo}/properties/values',
  '/repos/{owner}/{repo}/security-advisories',
] as const;

/** Answered with bytes or with an address, never with a document. */
const withoutDocument = /^\/repos\/[^/]+\/[^/]+\/releases\/assets\/\d+$/;

function endpointOf(address: string): string | undefined {
  const [asked = ''] = address.split('?');
  return endpoints.find((one) => new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(asked));
}

/** What the compiler says of answers, each with its endpoint. */
function problemsOf(answers: ReadonlyMap<string, unknown>): string[] {
  const file = path.join(import.meta.dirname, 'answers.ts');
  const lines = [...answers].map(
    ([address, answer], at) =>
      `export const answer${at}: Answer<'${endpointOf(address) ?? ''}'> = ${JSON.stringify(answer)};`,
  );
  const text = `import type { paths } from '@octokit/openapi-types';
type Answer<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { 'application/json': infer Body } } } } } ? Body : never;
${lines.join('\n')}
`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    getSourceFile: (name, ...rest) => (name === file ? source : disk.getSourceFile(name, ...rest)),
    fileExists: (name) => name === file || disk.fileExists(name),
  };
  const program = ts.createProgram([file], options, host);
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  const addresses = [...answers.keys()];
  return found.map(({ start, messageText }) => {
    const { line } = source.getLineAndCharacterOfPosition(start ?? 0);
    return `${addresses[line - 2] ?? 'the types'}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

describe('answers of the GitHub stand-in', function () {
  this.timeout(120_000);
  const temporaryFolder = useTemporaryFolders();
  const answers = new Map<string, unknown>();
  let problems: string[];

  before(async () => {
    const stage = await RecordsStage.start(await temporaryFolder());
    const { github, content } = stage;
    fillRepository(content);
    fillAccounts(github);
    const asked = new Set<string>();
    const note = (): void => {
      for (const { method, path: below, query } of github.requests)
        if (method === 'GET' && !withoutDocument.test(below)) asked.add(`${below}?${query.toString()}`);
    };
    for (const owner of ['acme', 'octo', undefined]) {
      github.requests.length = 0;
      const source = sourceOver(github, { settings: { owner, datasets: new Set(['code', 'starred']) } });
      await source.inventory();
      note();
    }
    for (const dataset of ['issues', 'discussions', 'releases', 'settings']) {
      await stage.backUp(dataset, 1);
      expect((await stage.manifest(dataset, 1)).omitted, dataset).to.deep.equal([]);
      note();
    }
    const [acme, octo] = ['acme', 'octo'].map((login) => github.findAccount(login)!);
    const items = [
      ['organization', 'projects'].map((dataset) => accountItem(acme!, dataset)),
      ['gists', 'starred', 'watched', 'followers'].map((dataset) => accountItem(octo!, dataset)),
    ].flat();
    for (const item of items) {
      await stage.backUpAs(item, 1);
      expect((await stage.manifest(item, 1)).omitted, item.name).to.deep.equal([]);
      note();
    }
    for (const address of asked) {
      const response = await fetch(github.apiUrl + address, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status, address).to.equal(200);
      answers.set(address, await response.json());
    }
    await github.close();
    // Two that are wrong, among the others, since the compiler takes seconds to begin.
    const [label] = answers.get('/repos/acme/api/labels?per_page=100') as Record<string, unknown>[];
    const { color: _, ...without } = label!;
    const wrong = new Map<string, unknown>([
      ['/repos/acme/api/labels?wrong=1', [without]],
      ['/repos/acme/api/labels?wrong=2', [{ ...label, id: 'one' }]],
    ]);
    problems = problemsOf(new Map([...answers, ...wrong]));
  });

  it('are those of endpoints that GitHub describes', () => {
    expect([...answers.keys()].filter((address) => endpointOf(address) === undefined)).to.deep.equal([]);
    const found = new Set([...answers.keys()].map(endpointOf));
    expect(endpoints.filter((one) => !found.has(one))).to.deep.equal([]);
  });

  it('are as GitHub describes them', () => {
    expect(problems.filter((one) => !one.includes('wrong='))).to.deep.equal([]);
  });

  it('would be found out if they were not', () => {
    const found = problems.filter((one) => one.includes('wrong='));
    expect(found.join()).to.include("Property 'color' is missing").and.include("Type 'string' is not assignable");
  });
});
