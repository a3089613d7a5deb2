/** Something that Holdfast claims, and what was measured. */
export interface Target {
  claim: string;
  measured: string;
  met: boolean;
}
