/** The datasets of a repository that consist of records, by the last part of their path. */
export const recordDatasets = ['issues', 'discussions', 'releases', 'settings'] as const;

export type RecordDataset = (typeof recordDatasets)[number];

export function isRecordDataset(name: string | undefined): name is RecordDataset {
  return recordDatasets.some((one) => one === name);
}
