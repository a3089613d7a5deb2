/** What of a framework the evidence speaks to, in words of our own: the texts themselves are binding. */
export interface Requirement {
  framework: string;
  clause: string;
  asks: string;
  shown: string;
  notShown: string;
}

/**
 * Sources: ISO/IEC 27001:2022, annex A; AICPA, Trust Services Criteria 2017 with the points of focus of 2022; Regulation
 * (EU) 2022/2554; Directive (EU) 2022/2555.
 */
export const requirements: readonly Requirement[] = [
  {
    framework: 'ISO/IEC 27001:2022',
    clause: 'A.8.13 Information backup',
    asks: 'Backup copies are kept and tested regularly, by a policy on backup that was agreed.',
    shown: 'Which copies were made and when (runs, items), and that they were tested by restoring them (drills).',
    notShown: 'The policy itself, and that this scope and these intervals are what it demands.',
  },
  {
    framework: 'SOC 2',
    clause: 'A1.2',
    asks: 'Backup processes and recovery infrastructure are designed, operated, monitored and maintained to meet objectives.',
    shown: 'That backups ran, what each of them covered, which failed and why, and how the vault is protected.',
    notShown: 'Environmental protections, capacity, the approval of the design, and who acted on what failed.',
  },
  {
    framework: 'SOC 2',
    clause: 'A1.3',
    asks: 'Procedures of the recovery plan are tested to meet objectives.',
    shown: 'Restores of snapshots into scratch space, with their results.',
    notShown: 'An exercise of the recovery plan by people, and the recovery of systems that need more than these data.',
  },
  {
    framework: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 11, response and recovery',
    asks: 'ICT business continuity is planned, and the plans are tested at least yearly.',
    shown: 'Tests of restoring, which such a test may refer to.',
    notShown: 'The continuity policy, impact analysis, crisis communication, and tests of whole scenarios.',
  },
  {
    framework: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 12, backup, restoration and recovery',
    asks: 'Backup has a stated scope and a minimum frequency, restoring is tested periodically, and recovered data are checked for integrity.',
    shown:
      'Scope and frequency as they were, tests of restoring, and digests and a chain of reports over all that is stored.',
    notShown:
      'That systems for restoring are segregated from the source, and that scope and frequency follow the criticality of information.',
  },
  {
    framework: 'NIS2, Directive (EU) 2022/2555',
    clause: 'Article 21(2)(c)',
    asks: 'Measures cover business continuity, such as backup management and disaster recovery, and crisis management.',
    shown: 'How backups were managed: made, watched, tested, and kept from being removed.',
    notShown: 'Disaster recovery of whole systems, crisis management, and what national law adds.',
  },
];
