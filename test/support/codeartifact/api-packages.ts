/** Packages, as the API of the stand-in for CodeArtifact lists, shows and changes them. */
import * as v from 'valibot';
import {
  bodyOf,
  formatOf,
  named,
  packageName,
  packageOf,
  page,
  repositoryOf,
  type ApiCall,
  type Operation,
} from './api-call.ts';
import type { Package } from './model.ts';

const allowed = v.picklist(['ALLOW', 'BLOCK']);
const restrictions = v.object({ restrictions: v.object({ publish: allowed, upstream: allowed }) });

export const packageOperations: Record<string, Operation> = {
  ListPackages(call) {
    const { packages } = repositoryOf(call);
    const format = call.query.has('format') ? formatOf(call) : undefined;
    const entry = (one: Package) => {
      return isWanted(call, one, format) ? { ...named(one), originConfiguration: configuration(one) } : undefined;
    };
    return { body: page(call, 'packages', packages, entry) };
  },

  DescribePackage(call) {
    const found = packageOf(call);
    const { package: name, ...rest } = named(found);
    return { body: { package: { ...rest, name, originConfiguration: configuration(found) } } };
  },

  async PutPackageOriginConfiguration(call) {
    const { restrictions: wanted } = await bodyOf(call, restrictions);
    // A package that does not exist is made, with no versions.
    const found = call.state.package(repositoryOf(call), packageName(call));
    found.restrictions = wanted;
    return { body: { originConfiguration: configuration(found) } };
  },

  DeletePackage(call) {
    const found = packageOf(call);
    call.state.deletePackage(found);
    return { body: { deletedPackage: { ...named(found), originConfiguration: configuration(found) } } };
  },
};

function configuration({ restrictions: { publish, upstream } }: Package) {
  return { restrictions: { publish, upstream } };
}

/** Namespaces of npm and Swift match as a whole, all others by their beginning, as names do. */
function isWanted({ query }: ApiCall, one: Package, format: string | undefined): boolean {
  const { namespace = '', restrictions: now } = one;
  const wanted = query.get('namespace');
  const whole = one.format === 'npm' || one.format === 'swift';
  return (
    (format === undefined || one.format === format) &&
    (wanted === null || (whole ? namespace === wanted : namespace.startsWith(wanted))) &&
    one.name.startsWith(query.get('package-prefix') ?? '') &&
    (query.get('publish') ?? now.publish) === now.publish &&
    (query.get('upstream') ?? now.upstream) === now.upstream
  );
}
