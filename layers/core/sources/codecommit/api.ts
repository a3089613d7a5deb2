import {
  BatchGetRepositoriesCommand,
  CodeCommitClient,
  CreateRepositoryCommand,
  GetApprovalRuleTemplateCommand,
  GetRepositoryCommand,
  GetRepositoryTriggersCommand,
  ListTagsForResourceCommand,
  paginateListAssociatedApprovalRuleTemplatesForRepository,
  paginateListRepositories,
  type CodeCommitClientConfig,
  type BatchGetRepositoriesError,
  type RepositoryMetadata,
} from '@aws-sdk/client-codecommit';
import * as v from 'valibot';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { apiError, isKeyProblem, keyAdvice } from './api-error.ts';
import { assumedRole } from './assumed-role.ts';
import { finishRepository } from './finish-repository.ts';
import { repositorySettings, type ApprovalRuleTemplate, type RepositorySettings } from './repository-settings.ts';
import type { AssumedRole } from './settings.ts';
import type { AwsCredentials } from './signature.ts';

/** What one BatchGetRepositories may ask for. https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html */
const batch = 25;

const repositorySchema = v.object({
  accountId: v.string(),
  repositoryId: v.string(),
  repositoryName: v.string(),
  Arn: v.string(),
});

/** A repository as CodeCommit lists it. */
export interface Repository {
  account: string;
  region: string;
  /** Survives renames. */
  id: string;
  name: string;
  arn: string;
  /** CodeCommit lists it but does not describe it: it cannot use the KMS key. */
  unreadable?: true;
}

/** CodeCommit's API in one region. */
export class CodeCommitApi {
  readonly #client: CodeCommitClient;
  readonly #region: string;

  /**
   * @param config for the SDK's client, in place of what it finds
   * @param role assumed with the credentials that are found, and again whenever it runs out
   */
  constructor(region: string, config: CodeCommitClientConfig = {}, role?: AssumedRole) {
    this.#region = region;
    this.#client = new CodeCommitClient(
      awsConfig({
        region,
        // Throttled calls are repeated after ever longer waits.
        retryMode: 'adaptive',
        maxAttempts: 10,
        ...config,
        ...(role ? { credentials: assumedRole(role, region, config) } : {}),
      }),
    );
  }

  /** The caller's credentials at this moment; they may be renewed at any time. */
  credentials(): Promise<AwsCredentials> {
    return this.#ask('sign in to CodeCommit', () => this.#client.config.credentials());
  }

  /** All of them, those last that CodeCommit lists but cannot describe. @throws {HoldfastError} */
  async *repositories(): AsyncGenerator<Repository> {
    const unreadable: BatchGetRepositoriesError[] = [];
    let described: Repository | undefined;
    for await (const names of this.#batches(`list the repositories of ${this.#region}`)) {
      const { found, errors } = await this.#described(names);
      unreadable.push(...errors);
      described ??= found[0];
      yield* found;
    }
    for (const one of unreadable) yield this.#unreadable(one, described);
  }

  /** The repository of this name; undefined where there is none. */
  async repository(name: string): Promise<Repository | undefined> {
    return this.#ask(`look at the repository ${name}`, async () => {
      const { repositoryMetadata } = await this.#client.send(new GetRepositoryCommand({ repositoryName: name }));
      return repositoryMetadata && this.#repositoryOf(repositoryMetadata);
    }).catch((error: unknown) => {
      if (hasCode(error, 'SourceMissing')) return undefined;
      throw error;
    });
  }

  async tags(arn: string): Promise<Record<string, string>> {
    return this.#ask(`read the tags of ${arn}`, async () => {
      const { tags } = await this.#client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
      return tags ?? {};
    });
  }

  /** Description, default branch, key, tags, triggers and approval rule templates. */
  async settings(name: string): Promise<RepositorySettings> {
    return this.#ask(`read the settings of the repository ${name}`, async () => {
      const { repositoryMetadata: found = {} } = await this.#client.send(
        new GetRepositoryCommand({ repositoryName: name }),
      );
      const { triggers } = await this.#client.send(new GetRepositoryTriggersCommand({ repositoryName: name }));
      const templates: string[] = [];
      const pages = paginateListAssociatedApprovalRuleTemplatesForRepository(
        { client: this.#client },
        { repositoryName: name },
      );
      for await (const page of pages) templates.push(...(page.approvalRuleTemplateNames ?? []));
      return repositorySettings({
        arn: found.Arn,
        description: found.repositoryDescription,
        defaultBranch: found.defaultBranch,
        kmsKeyId: found.kmsKeyId,
        tags: found.Arn === undefined ? {} : await this.tags(found.Arn),
        triggers: triggers ?? [],
        approvalRuleTemplates: await this.#templates(templates),
      });
    });
  }

  /**
   * Why Git may have refused a repository: Git says nothing of the KMS key that CodeCommit needs for it, the API does.
   * @returns the refusal with what is known of the key
   */
  async explain(name: string, refusal: HoldfastError): Promise<HoldfastError> {
    const { code, message, advice = '', transient, retryAfterMs } = refusal;
    try {
      const { repositoryMetadata } = await this.#client.send(new GetRepositoryCommand({ repositoryName: name }));
      const key = repositoryMetadata?.kmsKeyId;
      if (key === undefined) return refusal;
      const perhaps = `If the credentials are right, look at the repository's KMS key ${key}: it may be disabled, gone, or not allowed to them.`;
      return new HoldfastError(code, message, {
        advice: `${advice} ${perhaps}`.trim(),
        transient,
        retryAfterMs,
        cause: refusal,
      });
    } catch (error) {
      return isKeyProblem(error) ? apiError(error, `fetch the repository ${name}`, this.#region) : refusal;
    }
  }

  /** Makes an empty repository with the description, key and tags of another. @throws {HoldfastError} TargetNotEmpty */
  async create(name: string, { description, kmsKeyId, tags }: Partial<RepositorySettings>): Promise<void> {
    await this.#ask(`create the repository ${name}`, () =>
      this.#client.send(
        new CreateRepositoryCommand({
          repositoryName: name,
          ...(description === undefined ? {} : { repositoryDescription: description }),
          ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
          ...(tags === undefined ? {} : { tags }),
        }),
      ),
    );
  }

  /**
   * Gives a repository that holds its branches again what needs them: default branch, triggers, approval rules.
   * @returns what could not be set, and why
   */
  finish(name: string, settings: Partial<RepositorySettings>): Promise<string[]> {
    return finishRepository(this.#client, name, settings, (what, step) => this.#ask(what, step));
  }

  close(): void {
    this.#client.destroy();
  }

  /** The names of all repositories, as many together as may be described at once. */
  async *#batches(what: string): AsyncGenerator<string[]> {
    let names: string[] = [];
    const pages = paginateListRepositories({ client: this.#client }, {})[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#ask(what, () => pages.next());
      if (page.done === true) break;
      names.push(...(page.value.repositories ?? []).flatMap(({ repositoryName }) => repositoryName ?? []));
      for (; names.length >= batch; names = names.slice(batch)) yield names.slice(0, batch);
    }
    if (names.length > 0) yield names;
  }

  /** One that is deleted between the two calls is absent from the second, as it would be from a later list. */
  async #described(names: string[]): Promise<{ found: Repository[]; errors: BatchGetRepositoriesError[] }> {
    return this.#ask(`describe the repositories of ${this.#region}`, async () => {
      const { repositories = [], errors = [] } = await this.#client.send(
        new BatchGetRepositoriesCommand({ repositoryNames: names }),
      );
      return {
        found: repositories.map((one) => this.#repositoryOf(one)),
        errors: errors.filter(({ errorCode }) => errorCode !== 'RepositoryDoesNotExistException'),
      };
    });
  }

  /** @param another of the same account, which an error does not tell */
  #unreadable({ repositoryId, repositoryName, ...error }: BatchGetRepositoriesError, another?: Repository): Repository {
    if (another === undefined || repositoryId === undefined || repositoryName === undefined)
      throw new HoldfastError(
        'AccessDenied',
        `CodeCommit in ${this.#region} describes none of its repositories: ${error.errorMessage ?? error.errorCode ?? 'no reason given'}`,
        { advice: keyAdvice('The KMS key of the repositories') },
      );
    const arn = another.arn.replace(/[^:]+$/, repositoryName);
    return { ...another, id: repositoryId, name: repositoryName, arn, unreadable: true };
  }

  #templates(names: readonly string[]): Promise<ApprovalRuleTemplate[]> {
    return Promise.all(
      names.map(async (name) => {
        const { approvalRuleTemplate: found } = await this.#client.send(
          new GetApprovalRuleTemplateCommand({ approvalRuleTemplateName: name }),
        );
        return {
          name,
          description: found?.approvalRuleTemplateDescription,
          content: found?.approvalRuleTemplateContent,
        };
      }),
    );
  }

  #repositoryOf(found: RepositoryMetadata): Repository {
    const { accountId, repositoryId, repositoryName, Arn } = parse(
      repositorySchema,
      found,
      `a repository of CodeCommit in ${this.#region}`,
      'ProtocolViolation',
    );
    return { account: accountId, region: this.#region, id: repositoryId, name: repositoryName, arn: Arn };
  }

  async #ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw error instanceof HoldfastError ? error : apiError(error, what, this.#region);
    }
  }
}
