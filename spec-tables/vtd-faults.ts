/**
 * Fault conditions of a VT-d remapping unit in legacy mode, and what a request that meets one gets. Intel Virtualization Technology
 * for Directed I/O, Rev. 5.10, §7.1.3 table 30 (requests without PASID).
 *
 * `untranslated`, `translation`, `translated`: the completion of such a request; `success`: a translation is completed, with fewer
 * rights or none, and no fault is reported. Where a cell of the table says that a request can't meet the condition, none is given.
 * `qualified`: Fault Processing Disable of the context entry keeps it out of the fault records.
 */
export interface VtdFault {
  readonly reason: number;
  readonly qualified: boolean;
  readonly untranslated?: 'UR';
  readonly translation?: 'UR' | 'CA' | 'success';
  readonly translated?: 'UR';
  readonly name: string;
}

const both = { untranslated: 'UR', translated: 'UR' } as const;

export const vtdFaults = {
  'LRT.1': { reason: 0x8, qualified: false, ...both, translation: 'CA', name: 'the root table can not be read' },
  'LRT.2': { reason: 0x1, qualified: false, ...both, translation: 'UR', name: 'the root entry is not present' },
  'LRT.3': {
    reason: 0xa,
    qualified: false,
    ...both,
    translation: 'CA',
    name: 'reserved bits of the root entry are set',
  },
  'LCT.1': { reason: 0x9, qualified: false, ...both, translation: 'CA', name: 'the context table can not be read' },
  'LCT.2': { reason: 0x2, qualified: true, ...both, translation: 'UR', name: 'the context entry is not present' },
  'LCT.3': {
    reason: 0xb,
    qualified: true,
    ...both,
    translation: 'CA',
    name: 'reserved bits of the context entry are set',
  },
  'LCT.4.1': {
    reason: 0x3,
    qualified: true,
    ...both,
    translation: 'CA',
    name: 'the unit does not support the Address Width',
  },
  'LCT.4.2': {
    reason: 0x3,
    qualified: true,
    ...both,
    translation: 'CA',
    name: 'the unit does not support the Translation Type',
  },
  'LCT.4.3': {
    reason: 0x3,
    qualified: true,
    untranslated: 'UR',
    translation: 'CA',
    name: 'the first paging table can not be read',
  },
  'LCT.5': {
    reason: 0xd,
    qualified: true,
    translation: 'UR',
    translated: 'UR',
    name: 'the Translation Type blocks all but untranslated requests',
  },
  'LSS.1': {
    reason: 0x7,
    qualified: true,
    untranslated: 'UR',
    translation: 'CA',
    name: 'a paging table can not be read',
  },
  'LSS.2': {
    reason: 0xc,
    qualified: true,
    untranslated: 'UR',
    translation: 'CA',
    name: 'reserved bits of a paging entry are set',
  },
  'LGN.1.1': {
    reason: 0x4,
    qualified: true,
    untranslated: 'UR',
    translation: 'success',
    name: 'the address is beyond the guest address width',
  },
  'LGN.1.2': {
    reason: 0x4,
    qualified: true,
    translated: 'UR',
    name: 'the translated address is beyond the host address width',
  },
  'LGN.1.3': {
    reason: 0x4,
    qualified: true,
    untranslated: 'UR',
    name: 'the address that passes through is beyond the host address width',
  },
  'LGN.2': {
    reason: 0x5,
    qualified: true,
    untranslated: 'UR',
    translation: 'success',
    name: 'a paging entry gives no write permission',
  },
  'LGN.3': {
    reason: 0x6,
    qualified: true,
    untranslated: 'UR',
    translation: 'success',
    name: 'a paging entry gives no read permission',
  },
  'LGN.4': { reason: 0xe, qualified: true, ...both, translation: 'CA', name: 'the address is in the interrupt range' },
  'RTA.1': {
    reason: 0x30,
    qualified: false,
    ...both,
    translation: 'CA',
    name: 'the unit does not support the Translation Table Mode',
  },
} as const satisfies Readonly<Record<string, VtdFault>>;

export type VtdFaultCondition = keyof typeof vtdFaults;
