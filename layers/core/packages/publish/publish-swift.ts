import { HoldfastError } from '#core/runtime/errors.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import { formBody } from './multipart.ts';
import { below, outgoing, publishing, type Publication, type Registry } from './publication.ts';

/**
 * Publishes the source archive of a Swift package.
 * https://github.com/swiftlang/swift-package-manager/blob/main/Documentation/PackageRegistry/Registry.md#endpoint-6
 */
export async function publishSwift(registry: Registry, { version, missing, onBytes }: Publication): Promise<void> {
  const { http, endpoint, needs } = registry;
  const [archive, ...more] = missing.filter(({ name }) => name.endsWith('.zip'));
  if (!archive || more.length > 0)
    throw new HoldfastError(
      'SourceUnsupported',
      `${nameOf(version)} ${version.version} does not have exactly one source archive`,
    );
  const { contentType, body } = formBody([], {
    field: 'source-archive',
    fileName: archive.name,
    bytes: archive.bytes,
    read: () => outgoing(archive, onBytes),
  });
  await http.send(
    {
      method: 'PUT',
      url: below(endpoint, version.namespace ?? '', version.name, version.version),
      headers: { 'content-type': contentType, accept: 'application/vnd.swift.registry.v1+json' },
      body,
      scheme: 'Bearer',
    },
    publishing(archive, version),
    needs('codeartifact:PublishPackageVersion', version),
  );
}
