/**
 * Error records as firmware writes them, bytes in order: Common Platform Error Record (UEFI 2.10 appendix N), and the Generic Error
 * Status Block that hands one to the OS (ACPI 6.5 §18.3.2.7.1). Little-endian, packed.
 *
 * A field is its bytes as a number (1 to 4; 8 for a 64-bit one), a GUID, or plain bytes.
 */
export type RecordField = 1 | 2 | 3 | 4 | 8 | 'guid' | `bytes ${number}`;
export type RecordLayout = Readonly<Record<string, RecordField>>;

/** UEFI 2.10 §N.2.1. */
export const ErrorRecordHeader = {
  signature: 4,
  revision: 2,
  signatureEnd: 4,
  sectionCount: 2,
  severity: 4,
  /** Bit 0 platform ID, 1 timestamp, 2 partition ID. */
  validationBits: 4,
  recordLength: 4,
  timestamp: 8,
  platformId: 'guid',
  partitionId: 'guid',
  creatorId: 'guid',
  notificationType: 'guid',
  recordId: 8,
  flags: 4,
  persistenceInformation: 8,
  reserved: 'bytes 12',
} as const satisfies RecordLayout;

/** UEFI 2.10 §N.2.2. */
export const SectionDescriptor = {
  /** From the start of the record. */
  sectionOffset: 4,
  sectionLength: 4,
  revision: 2,
  /** Bit 0 FRU ID, 1 FRU text. */
  validationBits: 1,
  reserved: 1,
  flags: 4,
  sectionType: 'guid',
  fruId: 'guid',
  severity: 4,
  fruText: 'bytes 20',
} as const satisfies RecordLayout;

/** UEFI 2.10 §N.2.7. Fields of one register or ID of the spec's are parts of it here, as Linux's struct cper_sec_pcie has them. */
export const PcieErrorSection = {
  /** `pcieValidationBits`. */
  validationBits: 8,
  portType: 4,
  /** Of the PCI Express specification, BCD: minor in the first byte, major in the second. */
  version: 4,
  command: 2,
  status: 2,
  reserved: 4,
  vendorId: 2,
  deviceId: 2,
  classCode: 3,
  functionNumber: 1,
  deviceNumber: 1,
  segment: 2,
  bus: 1,
  secondaryBus: 1,
  /** Slot number in bits 15:3. */
  slot: 2,
  reservedOfId: 1,
  serialNumber: 8,
  secondaryStatus: 2,
  bridgeControl: 2,
  capability: 'bytes 60',
  aerInfo: 'bytes 96',
} as const satisfies RecordLayout;

/** Which of the section's fields are valid. UEFI 2.10 §N.2.7. */
export const pcieValidationBits = {
  portType: 0x01,
  version: 0x02,
  commandStatus: 0x04,
  deviceId: 0x08,
  serialNumber: 0x10,
  bridgeControlStatus: 0x20,
  capability: 0x40,
  aerInfo: 0x80,
} as const;

/** ACPI 6.5 §18.3.2.7.1, table 18.11. */
export const GenericErrorStatus = {
  /** Bit 0 an uncorrectable error is there, 1 a correctable one, 2 and 3 several; 13:4 how many entries. */
  blockStatus: 4,
  rawDataOffset: 4,
  rawDataLength: 4,
  /** Of all entries with their sections. */
  dataLength: 4,
  severity: 4,
} as const satisfies RecordLayout;

/** ACPI 6.5 §18.3.2.7.1, table 18.12; from revision 0x300 on `EntryTimestamp` follows, then the section. */
export const GenericErrorData = {
  sectionType: 'guid',
  severity: 4,
  revision: 2,
  /** Bit 0 FRU ID, 1 FRU text, 2 timestamp. */
  validationBits: 1,
  flags: 1,
  dataLength: 4,
  fruId: 'guid',
  fruText: 'bytes 20',
} as const satisfies RecordLayout;

export const EntryTimestamp = { timestamp: 8 } as const satisfies RecordLayout;

/** By code. UEFI 2.10 §N.2.1, table N.1. */
export const recordSeverities = ['recoverable', 'fatal', 'corrected', 'informational'] as const;
export type RecordSeverity = (typeof recordSeverities)[number];

export const sectionTypes = { 'PCI Express': 'd995e954-bbc1-430f-ad91-b44dcb3c6f35' } as const;

/** How the error came to the one who wrote the record. UEFI 2.10 §N.2.1, table N.1; those that a PCI Express error can have. */
export const notificationTypes = {
  CMC: '2dce8bb1-bdd7-450e-b9ad-9cf4ebd4f890',
  CPE: '4e292f96-d843-4a55-a8c2-d481f27ebeee',
  PCIe: 'cf93c01f-1a16-4dfc-b8bc-9c4daf67c104',
  NMI: '5bad89ff-b7e6-42c9-814a-cf2485d6e98a',
} as const;
export type NotificationType = keyof typeof notificationTypes;
