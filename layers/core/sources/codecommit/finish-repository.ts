import {
  ApprovalRuleTemplateDoesNotExistException,
  AssociateApprovalRuleTemplateWithRepositoryCommand,
  CreateApprovalRuleTemplateCommand,
  PutRepositoryTriggersCommand,
  UpdateDefaultBranchCommand,
  type CodeCommitClient,
} from '@aws-sdk/client-codecommit';
import { messageOf } from '#core/runtime/errors.ts';
import type { ApprovalRuleTemplate, RepositorySettings } from './repository-settings.ts';

/** @param ask names what is done, for the error if it fails */
export async function finishRepository(
  client: CodeCommitClient,
  repositoryName: string,
  { defaultBranch, triggers = [], approvalRuleTemplates = [] }: Partial<RepositorySettings>,
  ask: (what: string, step: () => Promise<unknown>) => Promise<unknown>,
): Promise<string[]> {
  const steps: [string, () => Promise<unknown>][] = [];
  if (defaultBranch !== undefined)
    steps.push([
      `set the default branch to ${defaultBranch}`,
      () => client.send(new UpdateDefaultBranchCommand({ repositoryName, defaultBranchName: defaultBranch })),
    ]);
  if (triggers.length > 0)
    steps.push([
      'set the triggers',
      () => client.send(new PutRepositoryTriggersCommand({ repositoryName, triggers: [...triggers] })),
    ]);
  for (const template of approvalRuleTemplates)
    steps.push([
      `associate the approval rule template ${template.name}`,
      () => associate(client, repositoryName, template),
    ]);
  const problems: string[] = [];
  for (const [what, step] of steps) await ask(what, step).catch((error: unknown) => problems.push(messageOf(error)));
  return problems;
}

/** A template that is there is taken as it is, since other repositories go by it too; one that is gone is made again. */
async function associate(
  client: CodeCommitClient,
  repositoryName: string,
  { name, description, content }: ApprovalRuleTemplate,
): Promise<void> {
  const link = new AssociateApprovalRuleTemplateWithRepositoryCommand({
    repositoryName,
    approvalRuleTemplateName: name,
  });
  try {
    await client.send(link);
  } catch (error) {
    if (!(error instanceof ApprovalRuleTemplateDoesNotExistException) || content === undefined) throw error;
    await client.send(
      new CreateApprovalRuleTemplateCommand({
        approvalRuleTemplateName: name,
        approvalRuleTemplateContent: content,
        ...(description === undefined ? {} : { approvalRuleTemplateDescription: description }),
      }),
    );
    await client.send(link);
  }
}
