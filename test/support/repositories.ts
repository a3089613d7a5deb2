/**
 * Real Git repositories for tests: made by the git binary, quickly, and the same bytes every time (fixed
 * author, dates and content, nothing from the user's Git configuration).
 */
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

const author = { name: 'Holdfast Tests', email: 'tests@example.org' };
/** 2024-01-01T00:00:00Z; the dates of the commits count up from here, a minute each. */
const firstDate = 1_704_067_200;

/** The environment in which tests run git: nothing of the user's, and commits that come out the same. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_AUTHOR_DATE: `${firstDate} +0000`,
  GIT_COMMITTER_NAME: author.name,
  GIT_COMMITTER_EMAIL: author.email,
  GIT_COMMITTER_DATE: `${firstDate} +0000`,
};

/** A folder that is removed by `dispose`. */
export interface TemporaryFolder {
  path: string;
  dispose(): Promise<void>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  return { path, dispose: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** For the body of a `describe`: returns a function that makes folders, all removed after the suite. */
export function useTemporaryFolders(): () => Promise<string> {
  const folders: TemporaryFolder[] = [];
  after(() => Promise.all(folders.map((folder) => folder.dispose())));
  return async () => {
    const folder = await temporaryFolder();
    folders.push(folder);
    return folder.path;
  };
}

/** A git command that ended with another status than 0. */
export class GitFailure extends Error {
  readonly status: number | null;
  readonly stderr: string;

  constructor(args: readonly string[], status: number | null, stderr: string) {
    super(`git ${args.join(' ')} ended with ${status ?? 'a signal'}: ${stderr.trim()}`);
    this.status = status;
    this.stderr = stderr;
  }
}

/** Runs git in a folder and returns its output without the last newline. */
export function git(cwd: string, ...args: string[]): Promise<string> {
  return gitWith({ cwd }, ...args);
}

/** Runs git with input or further environment. */
export async function gitWith(
  { cwd, input = '', env = {} }: { cwd: string; input?: string | Buffer; env?: Record<string, string> },
  ...args: string[]
): Promise<string> {
  const child = spawn('git', args, { cwd, env: { ...gitEnvironment, ...env } });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => undefined); // git may end before it has read everything
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== 0) throw new GitFailure(args, status, Buffer.concat(errors).toString());
  return Buffer.concat(output).toString().replace(/\n$/, '');
}

export type Files = Readonly<Record<string, string | Buffer>>;

/** What a repository holds. Everything but `commits` and `head` stands on the tip of the default branch. */
export interface RepositoryShape {
  /** Commits on the default branch. Default 1; 0 makes an empty repository. */
  commits?: number;
  /** Default `main`. */
  defaultBranch?: string;
  /** Further branches, each with one commit of its own. */
  branches?: readonly string[];
  /** Lightweight tags. */
  tags?: readonly string[];
  annotatedTags?: readonly string[];
  /** Whether the tip carries a note in `refs/notes/commits`. */
  notes?: boolean;
  /** How many pull requests there are: `refs/pull/<n>/head` and `refs/pull/<n>/merge` each. */
  pulls?: number;
  /** `branch` is the default; `unborn` names a branch that does not exist. */
  head?: 'branch' | 'detached' | 'unborn';
  objectFormat?: 'sha1' | 'sha256';
  /** Files in the first commit, besides the one that each commit writes. */
  files?: Files;
  /** Text in the files that makes this repository's objects unlike those of another. */
  seed?: string;
}

/** Makes a bare repository at `path` (and the folders above it) and returns the path. */
export async function createRepository(path: string, shape: RepositoryShape = {}): Promise<string> {
  const { commits = 1, defaultBranch = 'main', head = 'branch', objectFormat = 'sha1' } = shape;
  await mkdir(path, { recursive: true });
  await git(
    path,
    'init',
    '--quiet',
    '--bare',
    '--template=',
    `--initial-branch=${defaultBranch}`,
    `--object-format=${objectFormat}`,
  );
  if (commits > 0) await fastImport(path, history(shape, commits, `refs/heads/${defaultBranch}`));
  if (head === 'unborn') await git(path, 'symbolic-ref', 'HEAD', 'refs/heads/unborn');
  if (head === 'detached') await git(path, 'update-ref', '--no-deref', 'HEAD', `refs/heads/${defaultBranch}`);
  return path;
}

/** Adds a commit to a branch, which need not exist, and returns its id. `from` rewrites the branch. */
export async function addCommit(
  path: string,
  options: { branch?: string; from?: string; files?: Files; message?: string } = {},
): Promise<string> {
  const { branch = 'main', message = 'Change' } = options;
  const ref = `refs/heads/${branch}`;
  const parent = await git(path, 'log', '-1', '--format=%H %ct', options.from ?? ref, '--').catch((error: unknown) => {
    if (options.from === undefined && error instanceof GitFailure) return '';
    throw error;
  });
  const [oid, date] = parent.split(' ');
  const time = date === undefined ? firstDate : Number(date) + 60;
  const files = options.files ?? { [`changed-at-${time}.txt`]: message };
  await fastImport(path, [...commit({ ref, time, message, ...(oid ? { from: oid } : {}), files }), 'done\n']);
  return git(path, 'rev-parse', ref);
}

/** Adds refs by the hundred thousand, all on one commit of HEAD: `<prefix>0000001` and so on. */
export async function manyRefs(path: string, count: number, prefix = 'refs/heads/many/'): Promise<void> {
  await git(path, 'pack-refs', '--all');
  const packed = await readFile(join(path, 'packed-refs'), 'utf8');
  const oid = await git(path, 'rev-parse', 'HEAD');
  const entries = packed.split(/\n(?!\^)/).filter((line) => line !== '' && !line.startsWith('#'));
  for (let index = 1; index <= count; index += 1) entries.push(`${oid} ${prefix}${String(index).padStart(7, '0')}`);
  // git looks names up by binary search, so their order is that of the bytes.
  const name = (entry: string) => entry.slice(entry.indexOf(' ') + 1);
  entries.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  const lines = entries.map((entry) => entry.trimEnd()).join('\n');
  await writeFile(join(path, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines}\n`);
}

/** The refs of a repository and where HEAD points. */
export interface RepositoryRefs {
  /** Full name → object id, without HEAD and without peeled tags. */
  refs: Map<string, string>;
  /** On a branch both are set, unborn only `symref`, detached only `oid`. */
  head: { symref?: string; oid?: string };
}

export async function refsOf(path: string): Promise<RepositoryRefs> {
  const [list, symref, oid] = await Promise.all([
    git(path, 'for-each-ref', '--format=%(refname) %(objectname)'),
    git(path, 'symbolic-ref', '--quiet', 'HEAD').catch(() => undefined),
    git(path, 'rev-parse', '--quiet', '--verify', 'HEAD').catch(() => undefined),
  ]);
  const refs = new Map<string, string>();
  for (const line of list.split('\n')) {
    const [name, value] = line.split(' ');
    if (name && value) refs.set(name, value);
  }
  return { refs, head: { ...(symref ? { symref } : {}), ...(oid ? { oid } : {}) } };
}

/**
 * Copies a SHA-1 repository to `path` and adds one commit of its own to the default branch, without starting
 * git: the way to many small repositories.
 */
export async function copyRepository(template: string, path: string, text: string): Promise<void> {
  await cp(template, path, { recursive: true });
  const [, ref = ''] = /^ref: (\S+)/.exec(await readFile(join(path, 'HEAD'), 'utf8')) ?? [];
  const parent = (await readFile(join(path, ref), 'utf8').catch(() => git(path, 'rev-parse', ref))).trim();
  const blob = await writeLooseObject(path, 'blob', Buffer.from(text));
  const entry = [Buffer.from('100644 README.md\0'), Buffer.from(blob, 'hex')];
  const tree = await writeLooseObject(path, 'tree', Buffer.concat(entry));
  const who = `${author.name} <${author.email}> ${firstDate + 86_400} +0000`;
  const content = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\nMake it distinct\n`;
  const tip = await writeLooseObject(path, 'commit', Buffer.from(content));
  await writeFile(join(path, ref), `${tip}\n`);
}

async function writeLooseObject(path: string, type: 'blob' | 'tree' | 'commit', content: Buffer): Promise<string> {
  const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const oid = createHash('sha1').update(object).digest('hex');
  const file = join(path, 'objects', oid.slice(0, 2), oid.slice(2));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await promisify<Buffer, Buffer>(deflate)(object));
  return oid;
}

type Script = Iterable<string | Buffer>;

async function fastImport(path: string, script: Script): Promise<void> {
  const input = Buffer.concat(Array.from(script, (part) => Buffer.from(part)));
  await gitWith({ cwd: path, input }, 'fast-import', '--quiet', '--force', '--done', '--date-format=raw');
}

function* history(shape: RepositoryShape, commits: number, ref: string): Script {
  const { seed = '', branches = [], tags = [], annotatedTags = [], pulls = 0 } = shape;
  for (let number = 1; number <= commits; number += 1) {
    const files = { ...(number === 1 ? shape.files : {}), 'number.txt': `${seed}${number}\n` };
    yield* commit({ ref, time: firstDate + number * 60, message: `Commit ${number}`, files });
  }
  const time = firstDate + (commits + 1) * 60;
  for (const branch of branches) {
    const files = { 'branch.txt': `${seed}${branch}\n` };
    yield* commit({ ref: `refs/heads/${branch}`, time, message: `Start ${branch}`, from: ref, files });
  }
  for (let number = 1; number <= pulls; number += 1) {
    const files = { 'pull.txt': `${seed}${number}\n` };
    const pull = `refs/pull/${number}`;
    yield* commit({ ref: `${pull}/head`, time, message: `Propose ${number}`, from: ref, files });
    yield* commit({ ref: `${pull}/merge`, time, message: `Merge ${number}`, from: ref, merge: `${pull}/head`, files });
  }
  if (shape.notes) {
    yield `commit refs/notes/commits\n${signature(time)}${data('Note')}N inline ${ref}\n${data(`${seed}A note.\n`)}\n`;
  }
  for (const tag of tags) yield `reset refs/tags/${tag}\nfrom ${ref}\n\n`;
  for (const tag of annotatedTags) {
    yield `tag ${tag}\nfrom ${ref}\n${signature(time).replace('committer', 'tagger')}${data(`${seed}Release ${tag}\n`)}`;
  }
  yield 'done\n';
}

interface Commit {
  ref: string;
  time: number;
  message: string;
  from?: string;
  merge?: string;
  files: Files;
}

function* commit({ ref, time, message, from, merge, files }: Commit): Script {
  yield `commit ${ref}\n${signature(time)}${data(`${message}\n`)}`;
  if (from !== undefined) yield `from ${from}\n`;
  if (merge !== undefined) yield `merge ${merge}\n`;
  for (const [path, content] of Object.entries(files)) {
    yield `M 100644 inline ${JSON.stringify(path)}\n`;
    yield `data ${Buffer.byteLength(content)}\n`;
    yield content;
    yield '\n';
  }
  yield '\n';
}

function signature(time: number): string {
  return `committer ${author.name} <${author.email}> ${time} +0000\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
