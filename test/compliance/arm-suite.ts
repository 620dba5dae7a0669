/**
 * The PCIe and exerciser tests of Arm's architecture compliance suites (BSA and SBSA ACS, test_pool/pcie and test_pool/exerciser), as
 * their public checklists list them in 2026 (ARM-software/sysarch-acs, docs/bsa and docs/sbsa): number, rule, what it requires, in
 * words of this project, and why a test does not apply where it does not.
 */
export interface SuiteTest {
  readonly number: number;
  readonly rule: string;
  readonly requires: string;
  /** Why it does not apply here; it applies where there is none. */
  readonly leftOut?: string;
}

const ownChoice = 'asks which capability a chip has; here that is the choice of who builds the machine';
const interruptController = 'of the interrupt controller behind the root complex, which is not modelled';
const memoryTypes = 'of memory types and caches of the CPU, which are not modelled';
const translation = 'of address translation (SMMU, ATS, PASID) behind the root complex';
const ordering = 'of several TLPs in flight; in the functional fabric one ends before the next begins';
const ras = 'of Arm’s RAS error records, which are no PCI Express registers';
const cxlProtocols = 'of CXL.cache, CXL.mem and the host bridge’s own registers, which are not modelled';
const integrated =
  'the same as another test, for an integrated endpoint that has a root port; no such port type is told from a root port';

export const suiteTests: readonly SuiteTest[] = [
  { number: 801, rule: 'PCI_IN_01', requires: 'configuration space is reached by ECAM' },
  {
    number: 802,
    rule: 'PCI_IN_02',
    requires: 'every function answers in ECAM at its place; where there is none, all ones',
  },
  {
    number: 803,
    rule: 'PCI_IN_04',
    requires: 'all that is below a root port answers in the ECAM of the root port’s segment',
  },
  {
    number: 804,
    rule: 'PCI_IN_13',
    requires: 'a root port passes the CPU’s accesses to its memory window, and no others',
  },
  {
    number: 805,
    rule: 'PCI_IN_13',
    requires: 'a root port passes the CPU’s accesses to its prefetchable window, and no others',
  },
  {
    number: 806,
    rule: 'PCI_LI_01',
    requires: 'legacy interrupts are shared peripheral ones',
    leftOut: interruptController,
  },
  { number: 807, rule: 'PCI_ER_05', requires: 'a root port has DPC', leftOut: ownChoice },
  { number: 808, rule: 'PCI_IN_16', requires: 'configuration reads of buses that no port leads to give all ones' },
  { number: 809, rule: 'PCI_IN_20', requires: 'a vendor’s registers lie in a vendor’s capability', leftOut: ownChoice },
  { number: 810, rule: 'PCI_ER_01', requires: 'a root port has AER', leftOut: ownChoice },
  {
    number: 811,
    rule: 'PCI_IN_18',
    requires: 'a root port obeys byte enables in 1, 2 and 4 byte accesses to its bus numbers',
  },
  { number: 812, rule: 'IE_REG_7', requires: 'Data Link Feature of an integrated pair', leftOut: ownChoice },
  { number: 813, rule: 'IE_REG_8', requires: 'Physical Layer 16.0 GT/s of an integrated pair', leftOut: ownChoice },
  { number: 814, rule: 'IE_REG_9', requires: 'Lane Margining of an integrated pair', leftOut: ownChoice },
  { number: 815, rule: 'RE_ACS_1', requires: 'ACS in an integrated endpoint with peer-to-peer', leftOut: ownChoice },
  { number: 816, rule: 'RE_ACS_2', requires: 'AER in an integrated endpoint with ACS', leftOut: ownChoice },
  { number: 817, rule: 'PCI_PP_05', requires: 'Direct Translated P2P where ATS is used', leftOut: ownChoice },
  { number: 818, rule: 'PCI_PP_04', requires: 'the ACS controls that peer-to-peer needs', leftOut: ownChoice },
  {
    number: 819,
    rule: 'PCI_PP_03',
    requires: 'ACS in a root port that lets requests through to peers',
    leftOut: ownChoice,
  },
  { number: 820, rule: 'PCI_IN_05', requires: 'bits of both headers that PCI Express hardwires' },
  { number: 821, rule: 'B_PER_12', requires: 'bits of the Type 0 header that PCI Express hardwires' },
  { number: 822, rule: 'PCI_IN_05', requires: 'bits of the Type 1 header that PCI Express hardwires' },
  { number: 823, rule: 'PCI_LI_03', requires: 'legacy interrupts are level sensitive', leftOut: interruptController },
  {
    number: 824,
    rule: 'PCI_IN_05',
    requires: 'Device Capabilities can’t be written, and Role-Based Error Reporting is set',
  },
  {
    number: 825,
    rule: 'PCI_IN_05',
    requires: 'the enables of Device Control can be written, and Initiate Function Level Reset reads 0',
  },
  { number: 826, rule: 'PCI_IN_05', requires: 'Device Capabilities 2 can’t be written' },
  {
    number: 830,
    rule: 'PCI_IN_19',
    requires: 'with Memory Space Enable clear, a read of memory ends as Unsupported Request',
  },
  { number: 831, rule: 'PCI_IN_19', requires: 'BIST can’t be written where there is no self-test' },
  { number: 832, rule: 'PCI_IN_19', requires: 'the Capabilities Pointer can’t be written and points into 40h to FFh' },
  { number: 833, rule: 'PCI_IN_05', requires: 'Max_Payload_Size Supported of a root port', leftOut: ownChoice },
  {
    number: 835,
    rule: 'PCI_SM_02',
    requires: 'a Function Level Reset clears Bus Master and Memory Space Enable; the function answers after it',
  },
  {
    number: 836,
    rule: 'PCI_IN_17',
    requires: 'ARI Forwarding Enable can be written where ARI Forwarding is supported',
  },
  { number: 837, rule: 'PCI_IN_12', requires: 'the root complex answers for root ports on its own bus without a link' },
  { number: 838, rule: 'PCI_IN_03', requires: 'all root ports of a host bridge answer in one ECAM' },
  { number: 839, rule: 'PCI_MSI_1', requires: 'MSI or MSI-X in what interrupts', leftOut: ownChoice },
  { number: 842, rule: 'PCI_PAS_1', requires: 'PASIDs of 16 bits', leftOut: ownChoice },
  { number: 845, rule: 'PCI_MM_01', requires: 'BARs mapped as device memory', leftOut: memoryTypes },
  { number: 846, rule: 'S_L3GI_02', requires: 'message interrupts are LPIs', leftOut: interruptController },
  { number: 848, rule: 'RE_REG_1', requires: 'header of an integrated endpoint: the hardwired bits' },
  {
    number: 852,
    rule: 'RE_REG_3',
    requires: 'Device Capabilities and Control of an integrated endpoint: as 824 and 825',
  },
  {
    number: 853,
    rule: 'RE_REC_1',
    requires: 'Device Capabilities and Control of an event collector',
    leftOut: integrated,
  },
  {
    number: 856,
    rule: 'RE_REG_2',
    requires: 'Power Management Capabilities of an integrated endpoint can’t be written',
  },
  {
    number: 857,
    rule: 'IE_REG_5',
    requires: 'Power Management Capabilities of an integrated pair',
    leftOut: integrated,
  },
  { number: 861, rule: 'RE_REC_1', requires: 'Device Control of an event collector', leftOut: integrated },
  { number: 862, rule: 'RI_BAR_3', requires: 'the type bits of a BAR can’t be written' },
  {
    number: 868,
    rule: 'PCI_IC_11',
    requires: 'the root complex shares the CPUs’ coherency domain',
    leftOut: memoryTypes,
  },
  { number: 869, rule: 'RI_INT_1', requires: 'MSI or MSI-X in an integrated endpoint', leftOut: ownChoice },
  { number: 870, rule: 'RI_PWR_1', requires: 'Power Management in an integrated endpoint', leftOut: ownChoice },
  { number: 871, rule: 'PCI_IN_17', requires: 'ARI Forwarding in a switch downstream port', leftOut: ownChoice },
  {
    number: 879,
    rule: 'IE_RST_2',
    requires: 'a secondary bus reset clears the BARs, Bus Master and Memory Space Enable of what is below',
  },
  { number: 880, rule: 'RI_SMU_1', requires: 'ATS where translation needs it', leftOut: ownChoice },
  { number: 883, rule: 'RI_BAR_1', requires: 'the address bits of a BAR keep what is written' },
  { number: 884, rule: 'RE_PCI_2', requires: 'class and capabilities of an event collector', leftOut: ownChoice },
  { number: 885, rule: 'RE_PCI_1', requires: 'an integrated endpoint has a Type 0 header and no link registers' },
  { number: 886, rule: 'S_PCIe_02', requires: 'a root port passes accesses to both its windows' },
  { number: 887, rule: 'S_L4PCI_2', requires: 'Enhanced Allocation where BARs are fixed', leftOut: ownChoice },
  { number: 889, rule: 'GPU_04', requires: 'ATS in the root complex', leftOut: ownChoice },
  { number: 892, rule: 'IE_REG_6', requires: 'Secondary PCI Express of an integrated pair', leftOut: ownChoice },
  { number: 893, rule: 'GPU_03', requires: 'ACS in switches', leftOut: ownChoice },
  { number: 894, rule: 'PCI_MM_03', requires: 'BARs mapped as normal memory', leftOut: memoryTypes },
  { number: 895, rule: 'PCI_MM_05', requires: 'devices and CPUs see memory at the same addresses' },
  { number: 897, rule: 'PCI_MSI_2', requires: 'no two message vectors are the same', leftOut: interruptController },
  {
    number: 901,
    rule: 'PCI_IN_06',
    requires: 'a configuration read of a bus below a root port reaches it only while its bus numbers say so',
  },
  { number: 905, rule: 'PCI_MM_07', requires: 'no translation of addresses in between, either way' },
  { number: 906, rule: 'PCI_MM_02', requires: 'BARs mapped as non-cacheable memory', leftOut: memoryTypes },
  {
    number: 907,
    rule: 'PCI_MM_02',
    requires: 'BARs of integrated functions mapped as non-cacheable memory',
    leftOut: memoryTypes,
  },

  {
    number: 1501,
    rule: 'PCI_PP_04',
    requires: 'ACS Source Validation and Translation Blocking stop a wrong Requester ID and a translated address',
  },
  {
    number: 1502,
    rule: 'PCI_PP_04',
    requires: 'ACS P2P Request Redirect sends a peer’s request up to the root complex',
  },
  { number: 1503, rule: 'PCI_IC_15', requires: 'arrival order', leftOut: ordering },
  { number: 1504, rule: 'ITS_DEV_6', requires: 'a write to the ITS', leftOut: interruptController },
  { number: 1506, rule: 'PCI_LI_02', requires: 'a function asserts and takes back its INTx at the root port' },
  { number: 1507, rule: 'PCI_IC_11', requires: 'I/O coherency of DMA', leftOut: memoryTypes },
  { number: 1508, rule: 'RE_ORD_4', requires: 'Transactions Pending falls when all is answered', leftOut: ordering },
  {
    number: 1510,
    rule: 'PCI_IN_11',
    requires: 'configuration requests arrive as Type 0 on a root port’s secondary bus',
  },
  { number: 1511, rule: 'ITS_03', requires: 'MSIs of a device go to its ITS group', leftOut: interruptController },
  { number: 1512, rule: 'ITS_05', requires: 'MSIs to another ITS group are blocked', leftOut: interruptController },
  {
    number: 1513,
    rule: 'ITS_DEV_4',
    requires: 'an MSI of another device is told from this one’s',
    leftOut: interruptController,
  },
  { number: 1514, rule: 'PCI_PP_02', requires: 'peer-to-peer requests do not deadlock', leftOut: ordering },
  {
    number: 1515,
    rule: 'PCI_IN_17',
    requires: 'only with ARI Forwarding Enable does a downstream port pass device numbers above 0',
  },
  { number: 1516, rule: 'PCI_MM_01', requires: 'a function’s memory is written and read through its BAR' },
  {
    number: 1517,
    rule: 'PCI_IN_05',
    requires:
      'with Bus Master Enable of a root port clear, a read from below ends as Unsupported Request, and Received Master Abort tells the requester',
  },
  { number: 1519, rule: 'RI_SMU_1', requires: 'DMA through translation', leftOut: translation },
  { number: 1520, rule: 'RI_SMU_1', requires: 'Address Translation Services', leftOut: translation },
  { number: 1521, rule: 'RI_ORD_1', requires: 'arrival order at an integrated endpoint', leftOut: ordering },
  { number: 1522, rule: 'S_PCIe_03', requires: 'the CPU’s writes of 2, 4 and 8 bytes arrive whole' },
  {
    number: 1523,
    rule: 'PCI_ER_04',
    requires:
      'every error, unmasked and masked, non-fatal and fatal, shows in the function and at its root port, with its source, and interrupts',
  },
  {
    number: 1524,
    rule: 'PCI_ER_06',
    requires: 'DPC contains on ERR_NONFATAL and ERR_FATAL, says so with the source, interrupts, and is released',
  },
  { number: 1525, rule: 'S_PCIe_04', requires: 'a device’s writes of 2, 4 and 8 bytes arrive whole' },
  { number: 1526, rule: 'S_PCIe_07', requires: 'order of inbound writes', leftOut: ordering },
  { number: 1527, rule: 'PCI_ER_10', requires: 'a root port without RP PIO registers contains all the same' },
  { number: 1528, rule: 'PCI_ER_08', requires: 'a record of poisoned data', leftOut: ras },
  { number: 1529, rule: 'PCI_ER_07', requires: 'a record of an external abort', leftOut: ras },
  { number: 1530, rule: 'B_PCIe_10', requires: 'direct cache prefetch in the SMMU', leftOut: translation },
  { number: 1532, rule: 'S_PCIe_08', requires: 'ordered writes push earlier ones', leftOut: ordering },
  { number: 1533, rule: 'PCI_MSI_2', requires: 'each vector sends a message of its own' },
  { number: 1534, rule: 'IE_REG_3', requires: '1517, for an integrated pair', leftOut: integrated },
  { number: 1536, rule: 'PCI_PAS_1', requires: 'PASID as substream', leftOut: translation },
  { number: 1538, rule: 'IE_ORD_4', requires: 'Transactions Pending of an integrated endpoint', leftOut: ordering },
  { number: 1539, rule: 'PCI_MM_03', requires: 'accesses to prefetchable memory' },
  { number: 1540, rule: 'CXL_02', requires: 'CXL path with ATS', leftOut: translation },
  { number: 1801, rule: 'CXL_01', requires: 'CXL version of the host', leftOut: cxlProtocols },
  { number: 1802, rule: 'CXL_02', requires: 'translation for Type 1 and Type 2 devices', leftOut: translation },
  {
    number: 1803,
    rule: 'CXL_03',
    requires: 'address of the CXL host bridge’s component registers',
    leftOut: cxlProtocols,
  },
  {
    number: 1804,
    rule: 'CXL_04',
    requires: 'capabilities among the CXL host bridge’s component registers',
    leftOut: cxlProtocols,
  },
  { number: 1805, rule: 'CXL_05', requires: 'power management VDMs of CXL', leftOut: cxlProtocols },
  { number: 1806, rule: 'CXL_06', requires: 'MEFN VDMs of CXL', leftOut: cxlProtocols },
  { number: 1809, rule: 'CXL_09', requires: 'CXL.mem writes', leftOut: cxlProtocols },
  { number: 1810, rule: 'CXL_10', requires: 'persistence of CXL memory', leftOut: cxlProtocols },
  { number: 1811, rule: 'CXL_11', requires: 'CXL.mem write back', leftOut: cxlProtocols },
  { number: 1812, rule: 'CXL_12', requires: 'CXL.cache coherency', leftOut: cxlProtocols },
  { number: 1813, rule: 'CXL_13', requires: 'atomics of a Type 3 device', leftOut: cxlProtocols },
];
