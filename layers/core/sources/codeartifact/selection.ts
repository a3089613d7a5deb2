import { compilePattern } from '../name-pattern.ts';
import type { PackagePlace, RepositoryPlace } from './places.ts';
import type { CodeArtifactSettings } from './settings.ts';

/** Decides what of CodeArtifact is backed up. */
export interface Selection {
  /** Whether any repository of the domain may be. */
  takesDomain(place: Pick<RepositoryPlace, 'account' | 'domain'>): boolean;
  /** Whether any package of the repository may be. */
  takesRepository(place: Pick<RepositoryPlace, 'account' | 'domain' | 'repository'>): boolean;
  takesPackage(place: Pick<PackagePlace, 'account' | 'domain' | 'repository' | 'format'>): boolean;
  /** The formats of which the repository may hold something that is taken; undefined for all. */
  formatsOf(place: Pick<RepositoryPlace, 'account' | 'domain' | 'repository'>): readonly string[] | undefined;
}

/** @throws {HoldfastError} ConfigurationInvalid for a pattern that cannot be */
export function compileSelection({ filters }: Pick<CodeArtifactSettings, 'filters'>): Selection {
  const compiled = filters.map(({ domain, owner, repositories, formats }) => ({
    owner,
    domain: compilePattern(domain, 'include', false),
    repositories: repositories.map((text) => compilePattern(text, 'include', false)),
    formats,
  }));
  const ofDomain = ({ account, domain }: Pick<RepositoryPlace, 'account' | 'domain'>): typeof compiled =>
    compiled.filter(
      (filter) => (filter.owner === undefined || filter.owner === account) && filter.domain.matches(domain),
    );
  const fitting = (place: Pick<RepositoryPlace, 'account' | 'domain' | 'repository'>): typeof compiled =>
    ofDomain(place).filter(
      ({ repositories }) =>
        repositories.length === 0 || repositories.some((pattern) => pattern.matches(place.repository)),
    );
  return {
    takesDomain: (place) => compiled.length === 0 || ofDomain(place).length > 0,
    takesRepository: (place) => compiled.length === 0 || fitting(place).length > 0,
    takesPackage: (place) =>
      compiled.length === 0 ||
      fitting(place).some(({ formats }) => formats.length === 0 || formats.includes(place.format)),
    formatsOf(place) {
      const found = fitting(place);
      if (compiled.length === 0 || found.some(({ formats }) => formats.length === 0)) return undefined;
      return [...new Set(found.flatMap(({ formats }) => formats))];
    },
  };
}
