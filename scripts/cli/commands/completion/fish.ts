import type { CompletionNode } from './completion-tree.ts';

/** Where nothing of ours fits, fish completes names of files. */
export function fishCompletion(nodes: readonly CompletionNode[]): string {
  const verbs = nodes.filter(({ words }) => words.length > 0).map(({ words }) => `'${words.join(' ')}'`);
  const lines = nodes.flatMap(({ words, commands, options, operands }) => {
    const at = `complete -c holdfast -n '__holdfast_at "${words.join(' ')}"'`;
    const files = commands.length > 0 || operands.length > 0 ? ' -f' : '';
    return [
      ...commands.map(({ name, description }) => `${at}${files} -a ${name} -d ${quoted(description)}`),
      ...operands.map((operand) => `${at}${files} -a ${operand}`),
      ...options.map(({ flag, description, takesValue, choices }) => {
        const values = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : takesValue ? ' -r' : '';
        return `${at} -l ${flag.slice(2)}${values} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# Completion of holdfast for fish: holdfast completion fish > ~/.config/fish/completions/holdfast.fish
function __holdfast_at
  set -l verb
  for word in (commandline -opc)[2..]
    if contains -- (string join -- ' ' $verb $word) ${verbs.join(' ')}
      set -a verb $word
    end
  end
  test "$verb" = "$argv[1]"
end
${lines.join('\n')}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
