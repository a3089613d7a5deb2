import { expect } from 'chai';
import fc from 'fast-check';
import { refsDigest, type Refs } from '#core/git/refs.ts';
import { contentIn } from '#core/repositories/restore/content.ts';
import { readManifest, writeManifest, type CheckedManifest, type Manifest } from '#core/vault/manifest.ts';
import { refsSince, withAllRefs } from '#core/vault/refs-since.ts';
import { failureIn } from '../../../support/streams.ts';
import { exampleManifest, hexOf, keyOf } from '../../../support/vault-manifests.ts';

const many = 1_500;
const head = { type: 'branch', ref: 'refs/heads/0', oid: hexOf('0', 40) } as const;

function manifestOf(refs: Refs, parent?: CheckedManifest): CheckedManifest {
  const example = exampleManifest();
  const since = parent && refsSince(parent, refs, head.ref);
  const { objectFormat } = example.git!;
  const git = {
    objectFormat,
    head,
    refsDigest: refsDigest(refs, head),
    ...(since ? { refsSince: since } : { refs: Object.fromEntries(refs) }),
  };
  const manifest: Manifest = { ...example, format: since ? 2 : 1, git };
  return readManifest(Buffer.from(writeManifest(manifest).text), keyOf(manifest));
}

function refsOf({ git }: Manifest): Refs {
  return new Map(Object.entries(git?.refs ?? {}));
}

const first: Refs = new Map(
  Array.from({ length: many }, (_, index) => [`refs/heads/${index}`, hexOf(String(index), 40)]),
);

/** One change: the ref of this number moves to a commit of this number, or goes; refs above `many` are new. */
const change = fc.record({ ref: fc.nat(many + 50), to: fc.option(fc.nat(5)) });
const histories = fc.array(fc.array(change, { maxLength: 200 }), { minLength: 1, maxLength: 8 });

describe('refs as what has become of an earlier list', () => {
  it('are with that list what they were, over any history, and refer to a whole list always', () => {
    let given = 0;
    fc.assert(
      fc.property(histories, (history) => {
        let refs = new Map(first);
        const stored = [manifestOf(refs)];
        const whole = new Map([[stored[0]!.digest, stored[0]!.manifest]]);
        let parent = stored[0]!;
        for (const changes of history) {
          refs = new Map(refs);
          for (const { ref, to } of changes)
            if (to === null) refs.delete(`refs/heads/${ref}`);
            else refs.set(`refs/heads/${ref}`, hexOf(String(to), 40));
          const found = manifestOf(refs, parent);
          const base = found.manifest.git?.refsSince?.base;
          if (base) given++;
          else whole.set(found.digest, found.manifest);
          const all = base ? withAllRefs(found.manifest, whole.get(base.digest)!) : found.manifest;
          expect(refsOf(all)).to.deep.equal(refs);
          parent = { ...found, manifest: all };
        }
      }),
      { numRuns: 40 },
    );
    expect(given).to.be.greaterThan(40);
  });

  it('are listed whole where the list is short, where much has changed, and where nothing would be listed', () => {
    const parent = manifestOf(first);
    const few = manifestOf(new Map([...first].slice(0, 100)));
    expect(refsSince(few, new Map([...first].slice(0, 99)), head.ref)).to.equal(undefined);
    const moved = new Map([...first].map(([name, oid], index) => [name, index % 3 ? oid : hexOf('x', 40)]));
    expect(refsSince(parent, moved, head.ref)).to.equal(undefined);
    const without = new Map([...first].slice(1));
    expect(refsSince(parent, without, undefined)).to.equal(undefined);
    expect(refsSince(parent, without, 'refs/heads/7')).to.deep.include({ gone: ['refs/heads/0'], total: many - 1 });
  });

  it('are damaged where the list is not the one that was meant', () => {
    const parent = manifestOf(first);
    const found = manifestOf(new Map([...first, ['refs/heads/new', hexOf('new', 40)]]), parent);
    const other = manifestOf(new Map([...first, ['refs/heads/other', hexOf('other', 40)]]));
    expect(withAllRefs(found.manifest, parent.manifest).git?.refs).to.have.property('refs/heads/new');
    const contentWith = (base: CheckedManifest) => () =>
      contentIn({ ...found, content: withAllRefs(found.manifest, base.manifest) }, 'app');
    expect(contentWith(parent)().refs.size).to.equal(many + 1);
    expect(failureIn(contentWith(other)).code).to.equal('Damaged');
  });
});
