/**
 * Names as CodeArtifact stores them: of Python and NuGet packages it does not keep what was said.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/python-name-normalization.html
 * https://docs.aws.amazon.com/codeartifact/latest/ug/nuget-name-normalization.html
 */
import type { PackageFormat } from '@aws-sdk/client-codeartifact';

export function normalName(format: PackageFormat, name: string): string {
  if (format === 'pypi') return name.toLowerCase().replace(/[-_.]+/g, '-');
  return format === 'nuget' ? name.toLowerCase() : name;
}

export function normalVersion(format: PackageFormat, version: string): string {
  if (format !== 'nuget') return version;
  const [, numbers = '', label = ''] = /^([\d.]+)(-[^+]*)?/.exec(version) ?? [];
  if (numbers === '') return version;
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  if (parts.length === 4 && parts[3] === '0') parts.pop();
  return parts.join('.') + label;
}
