import {
  AssociateApprovalRuleTemplateWithRepositoryCommand,
  BatchGetRepositoriesCommand,
  CodeCommitClient,
  CodeCommitServiceException,
  CreateRepositoryCommand,
  GetRepositoryCommand,
  GetRepositoryTriggersCommand,
  ListTagsForResourceCommand,
  paginateListAssociatedApprovalRuleTemplatesForRepository,
  paginateListRepositories,
  PutRepositoryTriggersCommand,
  UpdateDefaultBranchCommand,
  type CodeCommitClientConfig,
  type RepositoryMetadata,
} from '@aws-sdk/client-codecommit';
import * as v from 'valibot';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { repositorySettings, type RepositorySettings } from './repository-settings.ts';
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
    this.#client = new CodeCommitClient({
      region,
      // Throttled calls are repeated after ever longer waits.
      retryMode: 'adaptive',
      maxAttempts: 10,
      ...config,
      ...(role ? { credentials: assumed(role, region, config) } : {}),
    });
  }

  /** The caller's credentials at this moment; they may be renewed at any time. */
  credentials(): Promise<AwsCredentials> {
    return this.#ask('sign in to CodeCommit', () => this.#client.config.credentials());
  }

  async *repositories(): AsyncGenerator<Repository> {
    let names: string[] = [];
    for await (const page of this.#pages(`list the repositories of ${this.#region}`)) {
      names.push(...page);
      for (; names.length >= batch; names = names.slice(batch)) yield* await this.#described(names.slice(0, batch));
    }
    if (names.length > 0) yield* await this.#described(names);
  }

  /** The repository of this name; undefined where there is none. */
  async repository(name: string): Promise<Repository | undefined> {
    return this.#ask(`look at the repository ${name}`, async () => {
      const { repositoryMetadata } = await this.#client.send(new GetRepositoryCommand({ repositoryName: name }));
      return repositoryMetadata && this.#repositoryOf(repositoryMetadata);
    }).catch((error: unknown) => {
      if (error instanceof HoldfastError && error.code === 'SourceMissing') return undefined;
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
        approvalRuleTemplates: templates,
      });
    });
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
  async finish(name: string, settings: Partial<RepositorySettings>): Promise<string[]> {
    const { defaultBranch, triggers = [], approvalRuleTemplates = [] } = settings;
    const steps: [string, () => Promise<unknown>][] = [];
    if (defaultBranch !== undefined)
      steps.push([
        `set the default branch to ${defaultBranch}`,
        () =>
          this.#client.send(new UpdateDefaultBranchCommand({ repositoryName: name, defaultBranchName: defaultBranch })),
      ]);
    if (triggers.length > 0)
      steps.push([
        'set the triggers',
        () => this.#client.send(new PutRepositoryTriggersCommand({ repositoryName: name, triggers: [...triggers] })),
      ]);
    for (const template of approvalRuleTemplates)
      steps.push([
        `associate the approval rule template ${template}`,
        () =>
          this.#client.send(
            new AssociateApprovalRuleTemplateWithRepositoryCommand({
              repositoryName: name,
              approvalRuleTemplateName: template,
            }),
          ),
      ]);
    const problems: string[] = [];
    for (const [what, step] of steps)
      await this.#ask(what, step).catch((error: unknown) => problems.push(messageOf(error)));
    return problems;
  }

  close(): void {
    this.#client.destroy();
  }

  async *#pages(what: string): AsyncGenerator<string[]> {
    const pages = paginateListRepositories({ client: this.#client }, {})[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#ask(what, () => pages.next());
      if (page.done === true) return;
      yield (page.value.repositories ?? []).flatMap(({ repositoryName }) => repositoryName ?? []);
    }
  }

  /** One that is deleted between the two calls is absent from the second, as it would be from a later list. */
  async #described(repositoryNames: string[]): Promise<Repository[]> {
    return this.#ask(`describe the repositories of ${this.#region}`, async () => {
      const { repositories } = await this.#client.send(new BatchGetRepositoriesCommand({ repositoryNames }));
      return (repositories ?? []).map((found) => this.#repositoryOf(found));
    });
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
      throw error instanceof HoldfastError ? error : failure(error, what, this.#region);
    }
  }
}

type CredentialProvider = CodeCommitClient['config']['credentials'];

/** Loads the providers only when they are needed: most deployments read their own account alone. */
function assumed(
  { arn, externalId }: AssumedRole,
  region: string,
  { credentials: masterCredentials, endpoint }: CodeCommitClientConfig,
): CredentialProvider {
  let provider: Promise<CredentialProvider> | undefined;
  return async () => {
    provider ??= import('@aws-sdk/credential-providers').then(({ fromTemporaryCredentials }) =>
      fromTemporaryCredentials({
        params: {
          RoleArn: arn,
          RoleSessionName: 'holdfast',
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
        },
        clientConfig: { region, ...(endpoint === undefined ? {} : { endpoint }) },
        ...(masterCredentials === undefined ? {} : { masterCredentials }),
      }),
    );
    return (await provider)();
  };
}

/** https://docs.aws.amazon.com/codecommit/latest/APIReference/CommonErrors.html */
function failure(error: unknown, what: string, region: string): HoldfastError {
  const name = error instanceof Error ? error.name : '';
  const said = `cannot ${what}: ${messageOf(error)}`;
  const details = { cause: error };
  if (name === 'RepositoryNameExistsException') return new HoldfastError('TargetNotEmpty', said, details);
  if (name === 'RepositoryDoesNotExistException') return new HoldfastError('SourceMissing', said, details);
  if (/^(EncryptionKey|Kms)/i.test(name))
    return new HoldfastError('AccessDenied', said, {
      ...details,
      advice: 'The KMS key of the repository is disabled, gone, or not allowed to these credentials.',
    });
  if (/AccessDenied|Credentials|UnrecognizedClient|ExpiredToken|InvalidSignature/.test(name))
    return new HoldfastError('AccessDenied', said, {
      ...details,
      advice: 'The message names the action and the resource that the credentials have to be allowed.',
    });
  if (/ENOTFOUND|EAI_AGAIN/.test(messageOf(error)))
    return new HoldfastError('ConfigurationInvalid', `${said}: there is no CodeCommit in ${region}`, {
      ...details,
      advice: 'Check the name of the region, and the network.',
    });
  const transient = !(error instanceof CodeCommitServiceException) || error.$fault === 'server' || /Thrott/.test(name);
  return new HoldfastError('Unavailable', said, { ...details, transient });
}
