/** As much of XML as the manifests of packages need: elements by name, and their text. */

/** What stands within each element of this name, which may have attributes. */
export function elementsOf(xml: string, name: string): string[] {
  const plain = xml.replace(/<!--.*?-->/gs, '');
  return [...plain.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?(?<!/)>(.*?)</${name}>`, 'gs'))].map(
    ([, inner = '']) => inner,
  );
}

/** The text of the first element of this name. */
export function textOf(xml: string, name: string): string | undefined {
  return elementsOf(xml, name)[0]
    ?.trim()
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity] ?? '');
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** Text made fit to stand in an element. */
export function escapeXml(text: string): string {
  const names = Object.fromEntries(Object.entries(entities).map(([name, character]) => [character, `&${name};`]));
  return text.replace(/[<>&"']/g, (character) => names[character] ?? '');
}
