/** Whether what a person typed is about EFS. It stands by itself because every verb asks, and most need no AWS. */
export function isEfs(typed: string | undefined): boolean {
  return typed === 'efs' || typed?.startsWith('efs/') === true;
}
