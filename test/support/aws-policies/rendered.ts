/** What of a deployment AWS itself interprets, taken from the state that Terraform has written of it. */
import * as v from 'valibot';
import { parsePolicy, type PolicyDocument } from './document.ts';

interface StateModule {
  resources?: { address: string; mode: string; type: string; values: Record<string, unknown> }[] | undefined;
  child_modules?: StateModule[] | undefined;
}

const moduleSchema: v.GenericSchema<unknown, StateModule> = v.object({
  resources: v.optional(
    v.array(
      v.object({
        address: v.string(),
        mode: v.string(),
        type: v.string(),
        values: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
  ),
  child_modules: v.optional(v.array(v.lazy(() => moduleSchema))),
});

const stateSchema = v.union([
  v.pipe(
    v.object({ values: v.object({ root_module: moduleSchema }) }),
    v.transform(({ values }) => values.root_module),
  ),
  v.pipe(
    v.object({ planned_values: v.object({ root_module: moduleSchema }) }),
    v.transform(({ planned_values }) => planned_values.root_module),
  ),
]);

export interface Resource {
  /** As Terraform names it, such as `module.vault.aws_s3_bucket_policy.vault[0]`. */
  address: string;
  type: string;
  values: Record<string, unknown>;
}

/** The resources of a state, or of a plan as far as it knows them, as `terraform show -json` prints it. */
export function resourcesOf(state: unknown): Resource[] {
  const all = (module: StateModule): Resource[] => [
    ...(module.resources ?? []).filter(({ mode }) => mode === 'managed'),
    ...(module.child_modules ?? []).flatMap(all),
  ];
  return all(v.parse(stateSchema, state));
}

export interface RenderedPolicy {
  address: string;
  kind: 'identity' | 'trust' | 'resource';
  document: PolicyDocument;
  /** Its characters, as IAM counts them: without white space. */
  size: number;
}

/** Every policy among the resources: of roles, of who may take them, of buckets, keys, topics, queues, buses… */
export function policiesOf(resources: Resource[]): RenderedPolicy[] {
  const found: RenderedPolicy[] = [];
  for (const { address, type, values } of resources) {
    for (const [key, text] of Object.entries(values)) {
      if (!/policy$/.test(key) || typeof text !== 'string' || !text.startsWith('{')) continue;
      if (notOfAccess.has(`${type}.${key}`)) continue;
      const kind =
        key === 'assume_role_policy' ? 'trust' : /^aws_iam_(role_)?policy$/.test(type) ? 'identity' : 'resource';
      found.push({ address, kind, document: parsePolicy(text), size: text.replace(/\s/g, '').length });
    }
  }
  return found;
}

/** Settings that are called policies and grant nothing. */
const notOfAccess = new Set([
  'aws_sqs_queue.redrive_policy',
  'aws_sqs_queue.redrive_allow_policy',
  'aws_sns_topic.delivery_policy',
]);

/** The text of an attribute of each resource of a type, by address; those without it are left out. */
export function textsOf(resources: Resource[], type: string, attribute: string): Map<string, string> {
  return new Map(
    resources.flatMap((one) => {
      const text = one.values[attribute];
      return one.type === type && typeof text === 'string' && text !== '' ? [[one.address, text] as const] : [];
    }),
  );
}
