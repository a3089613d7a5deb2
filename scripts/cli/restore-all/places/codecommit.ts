import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { CodeCommitApi } from '#core/sources/codecommit/api.ts';
import { storedSettings } from '#core/sources/codecommit/repository-settings.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Context } from '../../context.ts';
import type { Target, TargetFlags } from '../../open-target.ts';
import type { Chosen } from '../plan.ts';
import { flatName } from './names.ts';
import type { Place, Places, Standing, Transfer, Transferred } from './place.ts';
import { pushTo, standingAt, withTarget } from './server-place.ts';

/** https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateRepository.html */
const nameForm = /^[\w.-]{1,100}$/;

/** The repositories of CodeCommit in one region, made with the settings that they had. */
export class CodeCommitRepositories implements Places {
  readonly name: string;
  readonly lacks = [];
  readonly notes = [];
  readonly #api: CodeCommitApi;

  readonly #context: Context;
  readonly #region: string;
  readonly #flags: TargetFlags;

  constructor(context: Context, region: string, flags: TargetFlags) {
    this.#context = context;
    this.#region = region;
    this.#flags = flags;
    this.name = `CodeCommit in ${region}`;
    this.#api = new CodeCommitApi(region);
  }

  refuses(): undefined {
    return undefined;
  }

  place(item: Chosen): Place {
    const name = flatName(item);
    if (!nameForm.test(name))
      throw new HoldfastError(
        'SourceUnsupported',
        `${JSON.stringify(name)} is not a name for a repository of CodeCommit`,
      );
    return new CodeCommitPlace(this.#context, this.#api, { region: this.#region, name }, this.#flags);
  }

  close(): void {
    this.#api.close();
  }
}

class CodeCommitPlace implements Place {
  readonly name: string;

  readonly #context: Context;
  readonly #api: CodeCommitApi;
  readonly #at: { region: string; name: string };
  readonly #flags: TargetFlags;

  constructor(context: Context, api: CodeCommitApi, at: { region: string; name: string }, flags: TargetFlags) {
    this.#context = context;
    this.#api = api;
    this.#at = at;
    this.#flags = flags;
    this.name = `codecommit::${at.region}://${at.name}`;
  }

  async look(): Promise<Standing | undefined> {
    if (!(await this.#api.repository(this.#at.name))) return undefined;
    return this.#with(standingAt);
  }

  async make(content: RepositoryContent): Promise<string[]> {
    await this.#api.create(this.#at.name, storedSettings(content.snapshot.manifest));
    return [];
  }

  restore(content: RepositoryContent, transfer: Transfer): Promise<Transferred> {
    return this.#with(async (target) => {
      const { leftOut, refused } = await pushTo(this.#context.vault, target, content, transfer);
      const settings = storedSettings(content.snapshot.manifest);
      const { head, refs } = content;
      const branch = head.type === 'branch' && refs.has(head.ref) ? head.ref.replace('refs/heads/', '') : undefined;
      const finished = { ...settings, defaultBranch: settings.defaultBranch ?? branch };
      return { leftOut, refused, notes: await this.#api.finish(this.#at.name, finished) };
    });
  }

  #with<T>(act: (target: Target) => Promise<T>): Promise<T> {
    return withTarget(this.#context, this.name, this.#flags, act);
  }
}
