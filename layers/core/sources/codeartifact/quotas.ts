import Bottleneck from 'bottleneck';

/**
 * Requests a second that an account may make, by API.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/service-limits.html
 */
const quotas = { list: 200, read: 800, asset: 50 } as const;

export type Quota = keyof typeof quotas;

/** The quota of assets in requests a minute, in which a share of all quotas is expressed. */
export const assetsPerMinute = quotas.asset * 60;

/** What others in the account do with CodeArtifact must not starve because packages are backed up. */
export const defaultShare = 0.5;

/** Says when a request may be made. */
export interface Pace {
  /** Runs a request once its turn has come. */
  take<T>(quota: Quota, request: () => Promise<T>): Promise<T>;
}

/** Lets every request through at once; the SDK waits where the account is throttled. */
export const unpaced: Pace = { take: (_quota, request) => request() };

/** Lets requests through no faster than a share of the account's quotas. */
export class Quotas implements Pace {
  readonly #limiters: Record<Quota, Bottleneck>;

  /** @param share 0 to 1 */
  constructor(share: number) {
    const limiter = (quota: Quota): Bottleneck => new Bottleneck({ minTime: 1000 / (quotas[quota] * share) });
    this.#limiters = { list: limiter('list'), read: limiter('read'), asset: limiter('asset') };
  }

  take<T>(quota: Quota, request: () => Promise<T>): Promise<T> {
    return this.#limiters[quota].schedule(request);
  }
}
