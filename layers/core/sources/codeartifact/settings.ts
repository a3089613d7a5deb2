/** Which packages of CodeArtifact are backed up. */
export interface CodeArtifactSettings {
  /** Each is looked through on its own; one at least. */
  regions: readonly string[];
  /** What is taken: whatever fits one of these. Empty: all domains of the account. */
  filters: readonly CodeArtifactFilter[];
  /** Whether copies of public packages are kept as well, which a repository fetched from an external connection. */
  external: boolean;
}

export interface CodeArtifactFilter {
  /** A glob over the domain's name; with an owner, the name itself: other accounts' domains are listed nowhere. */
  domain: string;
  /** The account that owns the domain; the caller's where it is absent. */
  owner?: string | undefined;
  /** Globs over the repository's name; empty: all. */
  repositories: readonly string[];
  /** Empty: all. */
  formats: readonly PackageFormat[];
}

/** https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_PackageDescription.html */
export const packageFormats = ['cargo', 'generic', 'maven', 'npm', 'nuget', 'pypi', 'ruby', 'swift'] as const;
export type PackageFormat = (typeof packageFormats)[number];

export function isFormat(text: string | undefined): text is PackageFormat {
  return packageFormats.some((format) => format === text);
}

export const defaultCodeArtifactSettings: CodeArtifactSettings = { regions: [], filters: [], external: false };
