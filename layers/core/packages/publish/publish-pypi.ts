import { formBody } from './multipart.ts';
import { outgoing, publishing, type Publication, type Registry } from './publication.ts';
import { pythonForm } from './python-metadata.ts';

/**
 * Uploads each distribution of a Python package by a form, as twine does.
 * https://docs.pypi.org/api/upload/
 * https://docs.aws.amazon.com/codeartifact/latest/ug/python-configure-twine.html
 */
export async function publishPypi(registry: Registry, { version, missing, onBytes }: Publication): Promise<void> {
  const { http, endpoint, needs } = registry;
  for (const asset of missing) {
    const fields = await pythonForm(version, asset);
    const { contentType, body } = formBody(fields, {
      field: 'content',
      fileName: asset.name,
      bytes: asset.bytes,
      read: () => outgoing(asset, onBytes),
    });
    await http.send(
      { method: 'POST', url: endpoint, headers: { 'content-type': contentType }, body, scheme: 'Basic' },
      publishing(asset, version),
      needs('codeartifact:PublishPackageVersion', version),
    );
  }
}
