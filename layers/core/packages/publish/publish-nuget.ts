import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import { formBody } from './multipart.ts';
import { below, outgoing, publishing, type Publication, type Registry } from './publication.ts';

const indexSchema = v.object({ resources: v.array(v.object({ '@id': v.string(), '@type': v.string() })) });

/**
 * Pushes a NuGet package; what else the registry keeps of it, such as its .nuspec, it takes out of the package itself.
 * https://learn.microsoft.com/en-us/nuget/api/package-publish-resource
 */
export async function publishNuget(registry: Registry, { version, missing, onBytes }: Publication): Promise<void> {
  const { http, needs } = registry;
  const packages = missing.filter(({ name }) => /\.nupkg$/i.test(name));
  if (packages.length === 0)
    throw new HoldfastError('SourceUnsupported', `${nameOf(version)} ${version.version} has no .nupkg to push`);
  for (const asset of packages) {
    const { contentType, body } = formBody([], {
      field: 'package',
      fileName: asset.name,
      bytes: asset.bytes,
      read: () => outgoing(asset, onBytes),
    });
    await http.send(
      {
        method: 'PUT',
        url: await publishResource(registry),
        headers: { 'content-type': contentType },
        body,
        scheme: 'Basic',
      },
      publishing(asset, version),
      needs('codeartifact:PublishPackageVersion', version),
    );
  }
}

/** https://learn.microsoft.com/en-us/nuget/api/service-index */
async function publishResource({ http, endpoint }: Registry): Promise<URL> {
  const url = below(endpoint, 'v3', 'index.json');
  const needs = 'codeartifact:ReadFromRepository on the repository';
  const { body } = await http.send({ method: 'GET', url, scheme: 'Basic' }, 'read the service index', needs);
  const { resources } = parseJson(indexSchema, body.toString('utf8'), 'the service index', 'ProtocolViolation');
  const found = resources.find((resource) => resource['@type'].startsWith('PackagePublish/'))?.['@id'];
  if (found !== undefined && URL.canParse(found, endpoint.href)) return new URL(found, endpoint);
  throw new HoldfastError('ProtocolViolation', 'the service index has no address to push packages to');
}
