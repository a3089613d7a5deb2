/** The name of the one-off schedule that stops a task before its window ends. */
export function stopSchedule(id: string): string {
  return `${id}-stop`;
}
