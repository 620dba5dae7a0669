/** The kernel's macros that are no register and no field of one: values of fields, shifts, and what no table can hold. */

/** Values, in place: they must lie within one field of the register before them. */
export const values: readonly RegExp[] = [
  /^PCI_STATUS_DEVSEL_(FAST|MEDIUM|SLOW)$/,
  /^PCI_PM_CAP_PME(_D\w+)?$/,
  /^PCI_AGP_(STATUS|COMMAND)_RATE\d$/,
  /^PCI_X_CMD_(READ|SPLIT)_\w+$/,
  /^PCI_X_SSTATUS_V[12]$/,
  /^PCI_EXP_DEVCAP_(ATN_BUT|ATN_IND|PWR_IND)$/,
  /^PCI_EXP_DEVCTL_(PAYLOAD|READRQ)_\d+B$/,
  /^PCI_EXP_LNK(CAP|CAP2|STA|CTL2)_(SLS|CLS|TLS)_\d+_\dG[BT]$/,
  /^PCI_EXP_LNK(CAP|CTL)_ASPM_L\w+$/,
  /^PCI_EXP_LNKSTA_NLW_X\d+$/,
  /^PCI_EXP_SLTCTL_(ATTN_IND|PWR_IND|PWR)_(ON|BLINK|OFF)$/,
  /^PCI_EXP_DEVCAP2_OBFF_(MSG|WAKE)$/,
  /^PCI_EXP_DEVCTL2_OBFF_\w+_EN$/,
  /^PCI_EXP_DPC_CTL_EN_(FATAL|NONFATAL)$/,
  /^PCI_EXP_DPC_STATUS_TRIGGER_RSN_(UNCOR|NFE|FE|IN_EXT|RP_PIO|SW_TRIGGER)$/,
  /^PCI_TPH_LOC_(NONE|CAP|MSIX)$/,
  /^PCI_SATA_REGS_INLINE$/,
  /^PCI_NPEM_IND_SPEC_\d$/,
];

/** A field of the register before them begins at this bit. */
export const shifts: readonly RegExp[] = [/_SHIFT$/];

export interface Waiver {
  readonly macros: RegExp;
  /** Only with this value; any, when absent. */
  readonly value?: number;
  readonly reason: string;
}

export const waivers: readonly Waiver[] = [
  { macros: /^PCI_(EXT_)?CAP_ID_MAX$/, reason: 'the largest ID, as far as that kernel goes' },
  // The three letters are the kernel's own name for ID 0014h, which PCI-SIG has given to AMD; nothing here is left to do.
  { macros: /^PCI_EXT_CAP_ID_AMD_XXX$/, reason: 'reserved for AMD: what is in it is not public' },
  {
    macros: /^PCI_CAP_(LIST_ID|LIST_NEXT|ID_MASK|LIST_NEXT_MASK)$/,
    reason: 'of every capability: the test below walks them',
  },
  { macros: /^PCI_CAP_(FLAGS|SIZEOF)$/, reason: 'of every capability: ID and pointer, then two bytes of its own' },
  { macros: /^PCI_EXT_CAP_(ID|VER|NEXT)$/, reason: 'of every capability: the test below walks them' },
  { macros: /^PCI_STATUS_UDF$/, reason: 'User Definable Features of PCI 2.1, reserved since' },
  { macros: /^PCI_BASE_ADDRESS_(SPACE|MEM|IO)/, reason: 'a BAR is one field: its low bits are told where its size is' },
  { macros: /^PCI_ROM_ADDRESS_(ENABLE|MASK)$/, reason: 'as a BAR' },
  { macros: /^PCI_(IO|PREF)_RANGE_TYPE_(16|32|64)$/, reason: 'a value of the addressing nibble' },
  { macros: /^PCI_IO_1K_RANGE_MASK$/, reason: "one vendor's 1 KB windows" },
  { macros: /^PCI_MSI_RFU$/, reason: 'the upper byte of Message Control' },
  { macros: /^PCI_MSIX_ENTRY_/, reason: 'of the table in memory, not of the capability' },
  { macros: /^PCI_EA_(BEI|P)_/, reason: 'a value of a field of an entry, right-aligned' },
  { macros: /^HT_MSI_FIXED_ADDR$/, reason: 'where interrupts go on x86; a fixed mapping has no register for it' },
  {
    macros: /^PCI_CAP_EXP_ENDPOINT_SIZEOF_V2$/,
    value: 0x32,
    reason: 'where Link Status 2 begins, not where it ends; later kernels have 34h',
  },
  { macros: /^PCI_EXP_DEVCAP2_TPH_COMP_(NONE|TPH_ONLY|EXT_TPH|SHIFT)$/, reason: 'a value of a field, right-aligned' },
  { macros: /^PCI_EXP_DEVCAP2_EE_PREFIX_MAX_?\d$/, reason: 'a value of a field' },
  { macros: /^PCI_ERR_UNC_UND$/, reason: 'Training Error in PCIe 1.0a, undefined since' },
  { macros: /^PCI_RCEC_BUSN_REG_VER$/, reason: 'a version of the capability' },
  { macros: /^PCI_ATS_MIN_STU$/, reason: 'log2 of the smallest page, 4 KB' },
  { macros: /^PCI_SRIOV_VFM_(UA|MI|MO|AV)$/, reason: 'of the VF Migration State Array in memory' },
  {
    macros: /^PCI_REBAR_CAP_SIZES$/,
    value: 0x00fffff0,
    reason: 'up to 512 GB, as before PCIe 4.0; later kernels have bits 31:4',
  },
  {
    macros: /^PCI_(VF_)?REBAR_CTRL_BAR_SIZE$/,
    value: 0x1f00,
    reason: 'bits 12:8, as before PCIe 4.0; 13:8 since (PCIe 5.0 §7.8.6.3)',
  },
  { macros: /^PCI_TPH_(ST|REQ)_\w+$/, reason: 'a value of a field, right-aligned' },
  {
    macros: /^PCI_PL_64GT_LE_CTRL$/,
    value: 0x20,
    reason: 'as the heading in PCIe 6.0 §7.7.7.5 has it; later revisions have 10h, which follows the status register',
  },
  { macros: /^PCI_DOE_DATA_OBJECT_/, reason: 'of a data object in the mailbox, not of a register' },
  { macros: /^PCI_IDE_CAP_ALG_AES_GCM_256$/, reason: 'a value of a field, right-aligned' },
  { macros: /^PCI_IDE_SEL_STS_STATE_(INSECURE|SECURE)$/, reason: 'a value of a field, right-aligned' },
];
