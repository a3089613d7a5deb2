import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { AwsHttpHandler, defaultAwsTimeouts, type AwsTimeouts } from './aws-http.ts';
import { proxiesAreNamed } from './proxy.ts';
import { authoritiesAreNamed } from './trusted-authorities.ts';

/** What every client of AWS has in common. */
export interface AwsConfig {
  requestHandler: AwsHttpHandler;
  credentialDefaultProvider?: (init: object) => AwsCredentialIdentityProvider;
}

/**
 * The configuration of a client of AWS; a rule of the linter lets none be made without. It honours the variables for
 * proxies and certificate authorities, for the client and for all that it asks for credentials, and waits for no answer for ever.
 * @param config what is the client's own
 */
export function awsConfig<Config extends object = object>(
  config?: Config,
  timeouts: Partial<AwsTimeouts> = {},
): AwsConfig & Config {
  const requestHandler = new AwsHttpHandler({ ...defaultAwsTimeouts, ...timeouts });
  return {
    requestHandler,
    ...(proxiesAreNamed() || authoritiesAreNamed() ? { credentialDefaultProvider: credentialsBy(requestHandler) } : {}),
    ...(config ?? ({} as Config)),
  };
}

/**
 * The SDK's own chain of credential providers. Left to itself it asks STS by the client's handler, but single sign-on by
 * one that knows neither. Metadata of instances and containers, which are at link-local addresses, never go by one.
 */
function credentialsBy(requestHandler: AwsHttpHandler): (init: object) => AwsCredentialIdentityProvider {
  return (init) => {
    let chain: Promise<(properties?: Record<string, unknown>) => ReturnType<AwsCredentialIdentityProvider>> | undefined;
    return async (properties) => {
      chain ??= import('@aws-sdk/credential-providers').then(({ fromNodeProviderChain }) =>
        fromNodeProviderChain({ ...init, clientConfig: { requestHandler } }),
      );
      return (await chain)(properties);
    };
  };
}
