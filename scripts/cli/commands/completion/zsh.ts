import type { CompletionNode } from './completion-tree.ts';

/** Where nothing of ours fits, zsh completes names of files. */
export function zshCompletion(nodes: readonly CompletionNode[]): string {
  const verbs = nodes.filter(({ words }) => words.length > 0).map(({ words }) => pathOf(words));
  const valued = nodes.flatMap(({ words, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flag, choices }) => {
        const values = choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`;
        return `    '${pathOf(words)} ${flag}') ${values}; return ;;`;
      }),
  );
  const offered = nodes.map(({ words, commands, options, operands }) => {
    const described = [
      ...commands.map(({ name, description }) => [name, description] as const),
      ...operands.map((operand) => [operand, ''] as const),
    ];
    return `    '${pathOf(words)}')
      commands=(${described.map(([name, description]) => quoted(name, description)).join(' ')})
      options=(${options.map(({ flag, description }) => quoted(flag, description)).join(' ')}) ;;`;
  });
  return `#compdef holdfast
# Completion of holdfast for zsh: source <(holdfast completion zsh), after compinit
_holdfast() {
  local verb='' at
  local -a commands options
  for ((at = 2; at < CURRENT; at++)); do
    case "$verb/$words[at]" in
    (${verbs.join('|')}) verb="$verb/$words[at]" ;;
    esac
  done
  case "$verb $words[CURRENT-1]" in
${valued.join('\n')}
  esac
  case "$verb" in
${offered.join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then _describe option options
  elif ((#commands)); then _describe command commands
  else _files
  fi
}
compdef _holdfast holdfast`;
}

function pathOf(words: readonly string[]): string {
  return words.map((word) => `/${word}`).join('');
}

/** As \`_describe\` takes it: the colon parts name and description. */
function quoted(name: string, description: string): string {
  return `'${`${name}:${description}`.replaceAll("'", "'\\''")}'`;
}
