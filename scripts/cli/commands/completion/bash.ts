import type { CompletionNode } from './completion-tree.ts';

/** Where nothing of ours fits, bash completes names of files. */
export function bashCompletion(nodes: readonly CompletionNode[]): string {
  const verbs = nodes.filter(({ words }) => words.length > 0).map(({ words }) => `'/${words.join('/')}'`);
  const valued = nodes.flatMap(({ words, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flag, choices }) => `    '${pathOf(words)} ${flag}') ${offer(choices)} return ;;`),
  );
  const offered = nodes.map(
    ({ words, commands, options, operands }) =>
      `    '${pathOf(words)}') ${offer([...commands.map(({ name }) => name), ...operands, ...options.map(({ flag }) => flag)])} ;;`,
  );
  return `# Completion of holdfast for bash: source <(holdfast completion bash)
_holdfast() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} verb='' at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$verb/\${COMP_WORDS[at]}" in
    ${verbs.join(' | ')}) verb="$verb/\${COMP_WORDS[at]}" ;;
    esac
  done
  case "$verb $previous" in
${valued.join('\n')}
  esac
  case "$verb" in
${offered.join('\n')}
  esac
}
complete -o default -F _holdfast holdfast`;
}

function pathOf(words: readonly string[]): string {
  return words.map((word) => `/${word}`).join('');
}

/** Nothing is offered where any value may stand; then files are. */
function offer(words: readonly string[]): string {
  return words.length === 0 ? '' : `mapfile -t COMPREPLY < <(compgen -W '${words.join(' ')}' -- "$current");`;
}
