import { hasCode } from '#core/runtime/errors.ts';
import { parseVaultLocation } from '#core/vault/storage/open-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Report } from '../report.ts';
import { pageKey } from '../run-files.ts';
import { linkHours } from './link-hours.ts';
import { overviewOf } from './overview.ts';
import { reportPage } from './page.ts';

const yearMs = 365 * 86_400_000;

/** A page of so many snapshots takes 300 MB to make, which a function of the default size does not have. */
const mostSnapshots = 150_000;

/**
 * Stores the page for people beside the report of a run, and makes a link to it.
 * @returns undefined where the vault is too large for a page, or is not in S3
 */
export async function storePage(vault: Vault, { source, run, chain }: Report, now: Date): Promise<string | undefined> {
  const place = parseVaultLocation(vault.location);
  if ('folder' in place || (chain?.snapshots ?? 0) > mostSnapshots) return undefined;
  const overview = await overviewOf(vault, source, new Date(now.getTime() - yearMs));
  const key = pageKey(source, run);
  try {
    await vault.create(key, Buffer.from(reportPage(vault.location, [overview], now)));
  } catch (error) {
    // An earlier attempt of the same run stored it.
    if (!hasCode(error, 'AlreadyExists')) throw error;
  }
  const { timeLimitedLink } = await import('#core/vault/storage/s3/time-limited-link.ts');
  return timeLimitedLink(place, key, linkHours);
}
