import { hashBytes, type ObjectFormat } from './object-format.ts';

/**
 * The objects that one object refers to (gitformat-pack, "Object types"; git-mktree). Takes what git takes, and old
 * programs wrote much: modes with zeros in front or bits that are not used any more, commits without an e-mail address, tags
 * without a tagger. All that matters here is where the ids stand.
 * @throws {Error} with what is wrong, for what git could not read either
 */
export function referencesOf(type: string, content: Buffer, format: ObjectFormat): string[] {
  switch (type) {
    case 'commit':
      return commitReferences(content);
    case 'tag':
      return [idAfter('object ', firstLines(content)[0])];
    case 'tree':
      return treeReferences(content, format);
    default:
      return [];
  }
}

function commitReferences(content: Buffer): string[] {
  const [tree, ...others] = firstLines(content);
  const parents: string[] = [];
  for (const line of others) {
    if (!line.startsWith('parent ')) break;
    parents.push(idAfter('parent ', line));
  }
  return [idAfter('tree ', tree), ...parents];
}

function firstLines(content: Buffer): string[] {
  const end = content.indexOf('\n\n');
  return content.toString('latin1', 0, end < 0 ? content.length : end).split('\n');
}

function idAfter(word: string, line = ''): string {
  const id = line.slice(word.length);
  if (!line.startsWith(word) || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) throw new Error(`it has no line "${word}"`);
  return id;
}

/** Bits of a mode that say what an entry is (stat, `S_IFMT`). */
const typeBits = 0o170000;
const files = 0o100000;
const links = 0o120000;
const folders = 0o040000;

function treeReferences(content: Buffer, format: ObjectFormat): string[] {
  const idBytes = hashBytes(format);
  const ids: string[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const zero = content.indexOf(0, space + 1);
    const mode = content.toString('latin1', at, space);
    if (space < 0 || zero < 0 || !/^[0-7]+$/.test(mode) || zero + idBytes >= content.length)
      throw new Error('an entry of it is cut off');
    at = zero + 1 + idBytes;
    // All else is taken for the commit of a submodule, as git does; it lives in another repository.
    if ([files, links, folders].includes(parseInt(mode, 8) & typeBits)) ids.push(content.toString('hex', zero + 1, at));
  }
  return ids;
}
