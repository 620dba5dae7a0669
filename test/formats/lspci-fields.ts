/** What lspci prints of a register, and which register and field of the tables that is. lspci 3.9. */

/** One value in lspci's text: its first group is `+` or `-`, or a number that `value` reads. */
export interface PrintedField {
  /** As our tables call it; `Header` for what stands before the capabilities. */
  readonly structure: string;
  /** What the line begins with. Lines that are indented further belong to it. */
  readonly label: string;
  readonly pattern: RegExp;
  readonly register: string;
  readonly field: string;
  readonly value: (text: string) => number;
}

const flag = (text: string) => (text === '+' ? 1 : 0);
const decimal = (text: string) => Number.parseInt(text, 10);
const hex = (text: string) => Number.parseInt(text, 16);
const log2 = (unit: number) => (text: string) => Math.log2(Number(text) / unit);
const oneOf =
  (...values: readonly string[]) =>
  (text: string) =>
    values.indexOf(text);
const speed = (text: string) => [0, 2.5, 5, 8, 16, 32, 64].indexOf(Number(text));

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Flags by lspci's name of each, between blanks or brackets. `tokens`: `lspci name: field`. */
function flags(structure: string, label: string, register: string, tokens: Readonly<Record<string, string>>) {
  return Object.entries(tokens).map(
    ([token, field]): PrintedField => ({
      structure,
      label,
      pattern: new RegExp(`(?:^|[\\s(,;])${escaped(token)}([+-])(?=[\\s),;]|$)`),
      register,
      field,
      value: flag,
    }),
  );
}

function number(
  structure: string,
  label: string,
  pattern: RegExp,
  [register, field]: readonly [string, string],
  value: (text: string) => number = decimal,
): PrintedField {
  return { structure, label, pattern, register, field, value };
}

const E = 'PCI Express';
const A = 'Advanced Error Reporting';
const status = {
  '66MHz': '66 MHz Capable',
  FastB2B: 'Fast Back-to-Back Transactions Capable',
  ParErr: 'Master Data Parity Error',
  '>TAbort': 'Signaled Target Abort',
  '<TAbort': 'Received Target Abort',
  '<MAbort': 'Received Master Abort',
  '<PERR': 'Detected Parity Error',
};
const devsel = oneOf('fast', 'medium', 'slow', '??');
const uncorrectable = {
  DLP: 'Data Link Protocol Error',
  SDES: 'Surprise Down Error',
  TLP: 'Poisoned TLP Received',
  FCP: 'Flow Control Protocol Error',
  CmpltTO: 'Completion Timeout',
  CmpltAbrt: 'Completer Abort',
  UnxCmplt: 'Unexpected Completion',
  RxOF: 'Receiver Overflow',
  MalfTLP: 'Malformed TLP',
  ECRC: 'ECRC Error',
  UnsupReq: 'Unsupported Request Error',
  ACSViol: 'ACS Violation',
};
const correctable = {
  RxErr: 'Receiver Error',
  BadTLP: 'Bad TLP',
  BadDLLP: 'Bad DLLP',
  Rollover: 'REPLAY_NUM Rollover',
  Timeout: 'Replay Timer Timeout',
  AdvNonFatalErr: 'Advisory Non-Fatal Error',
};
const acs = (end: string) => ({
  SrcValid: `ACS Source Validation${end}`,
  TransBlk: `ACS Translation Blocking${end}`,
  ReqRedir: `ACS P2P Request Redirect${end}`,
  CmpltRedir: `ACS P2P Completion Redirect${end}`,
  UpstreamFwd: `ACS Upstream Forwarding${end}`,
  EgressCtrl: `ACS P2P Egress Control${end}`,
  DirectTrans: `ACS Direct Translated P2P${end}`,
});
const l1 = (end: string) => ({
  'PCI-PM_L1.2': `PCI-PM L1.2 ${end}`,
  'PCI-PM_L1.1': `PCI-PM L1.1 ${end}`,
  'ASPM_L1.2': `ASPM L1.2 ${end}`,
  'ASPM_L1.1': `ASPM L1.1 ${end}`,
});
const pcix = {
  '64bit': '64-bit Device',
  '133MHz': '133 MHz Capable',
  SCD: 'Split Completion Discarded',
  USC: 'Unexpected Split Completion',
};

export const printedFields: readonly PrintedField[] = [
  ...flags('Header', 'Control', 'Command', {
    'I/O': 'I/O Space Enable',
    Mem: 'Memory Space Enable',
    BusMaster: 'Bus Master Enable',
    SpecCycle: 'Special Cycle Enable',
    MemWINV: 'Memory Write and Invalidate',
    VGASnoop: 'VGA Palette Snoop',
    ParErr: 'Parity Error Response',
    Stepping: 'IDSEL Stepping/Wait Cycle Control',
    SERR: 'SERR# Enable',
    FastB2B: 'Fast Back-to-Back Transactions Enable',
    DisINTx: 'Interrupt Disable',
  }),
  ...flags('Header', 'Status', 'Status', {
    ...status,
    Cap: 'Capabilities List',
    '>SERR': 'Signaled System Error',
    INTx: 'Interrupt Status',
  }),
  number('Header', 'Status', /DEVSEL=(\S+)/, ['Status', 'DEVSEL Timing'], devsel),
  number('Header', 'Latency', /^(\d+)/, ['Latency Timer', 'Latency Timer']),
  number(
    'Header',
    'Latency',
    /Cache Line Size: (\d+) bytes/,
    ['Cache Line Size', 'Cache Line Size'],
    (text) => Number(text) / 4,
  ),
  number('Header', 'Interrupt', /pin ([A-D])/, ['Interrupt Pin', 'Interrupt Pin'], (text) => ' ABCD'.indexOf(text)),
  number('Header', 'Bus', /primary=(\w+)/, ['Primary Bus Number', 'Primary Bus Number'], hex),
  number('Header', 'Bus', /secondary=(\w+)/, ['Secondary Bus Number', 'Secondary Bus Number'], hex),
  number('Header', 'Bus', /subordinate=(\w+)/, ['Subordinate Bus Number', 'Subordinate Bus Number'], hex),
  number('Header', 'Bus', /sec-latency=(\d+)/, ['Secondary Latency Timer', 'Secondary Latency Timer']),
  ...flags('Header', 'Secondary status', 'Secondary Status', { ...status, '<SERR': 'Received System Error' }),
  number('Header', 'Secondary status', /DEVSEL=(\S+)/, ['Secondary Status', 'DEVSEL Timing'], devsel),
  ...flags('Header', 'BridgeCtl', 'Bridge Control', {
    Parity: 'Parity Error Response Enable',
    SERR: 'SERR# Enable',
    VGA: 'VGA Enable',
    VGA16: 'VGA 16-bit Decode',
    MAbort: 'Master Abort Mode',
    '>Reset': 'Secondary Bus Reset',
    FastB2B: 'Fast Back-to-Back Transactions Enable',
    PriDiscTmr: 'Primary Discard Timer',
    SecDiscTmr: 'Secondary Discard Timer',
    DiscTmrStat: 'Discard Timer Status',
    DiscTmrSERREn: 'Discard Timer SERR# Enable',
  }),

  number('Power Management', '', /version (\d)/, ['Power Management Capabilities', 'Version']),
  ...flags('Power Management', 'Flags', 'Power Management Capabilities', {
    PMEClk: 'PME Clock',
    DSI: 'Device Specific Initialization',
  }),
  number('Power Management', 'Flags', / D1([+-]) /, ['Power Management Capabilities', 'D1_Support'], flag),
  number('Power Management', 'Flags', / D2([+-]) /, ['Power Management Capabilities', 'D2_Support'], flag),
  number(
    'Power Management',
    'Flags',
    /PME\(D0(.,D1.,D2.,D3hot.,D3cold.)\)/,
    ['Power Management Capabilities', 'PME_Support'],
    (text) => [...text.matchAll(/[+-](?=,|$)/g)].reduce((sum, [sign], bit) => sum + flag(sign) * 2 ** bit, 0),
  ),
  number('Power Management', 'Status', /D(\d)/, ['Power Management Control/Status', 'PowerState']),
  number('Power Management', 'Status', /DSel=(\d+)/, ['Power Management Control/Status', 'Data_Select']),
  number('Power Management', 'Status', /DScale=(\d+)/, ['Power Management Control/Status', 'Data_Scale']),
  ...flags('Power Management', 'Status', 'Power Management Control/Status', {
    NoSoftRst: 'No_Soft_Reset',
    'PME-Enable': 'PME_En',
    PME: 'PME_Status',
  }),

  ...flags('MSI', '', 'MSI Message Control', {
    Enable: 'MSI Enable',
    Maskable: 'Per-Vector Masking Capable',
    '64bit': '64-bit Address Capable',
  }),
  number('MSI', '', /Count=(\d+)\//, ['MSI Message Control', 'Multiple Message Enable'], log2(1)),
  number('MSI', '', /Count=\d+\/(\d+)/, ['MSI Message Control', 'Multiple Message Capable'], log2(1)),
  number(
    'MSI',
    'Address',
    /^[0-9a-f]*([0-9a-f]{8}) /,
    ['MSI Message Address', 'Message Address'],
    (text) => hex(text) / 4,
  ),
  ...flags('MSI-X', '', 'MSI-X Message Control', { Enable: 'MSI-X Enable', Masked: 'Function Mask' }),
  number('MSI-X', '', /Count=(\d+)/, ['MSI-X Message Control', 'Table Size'], (text) => Number(text) - 1),
  number('MSI-X', 'Vector table', /BAR=(\d)/, ['MSI-X Table', 'Table BIR']),
  number('MSI-X', 'Vector table', /offset=(\w+)/, ['MSI-X Table', 'Table Offset'], (text) => hex(text) / 8),
  number('MSI-X', 'PBA', /BAR=(\d)/, ['MSI-X PBA', 'PBA BIR']),
  number('MSI-X', 'PBA', /offset=(\w+)/, ['MSI-X PBA', 'PBA Offset'], (text) => hex(text) / 8),

  number(E, '', /\(v(\d)\)/, ['PCI Express Capabilities', 'Capability Version']),
  number(E, '', /\(Slot([+-])\)/, ['PCI Express Capabilities', 'Slot Implemented'], flag),
  number(E, '', /MSI (\w\w)/, ['PCI Express Capabilities', 'Interrupt Message Number'], hex),
  number(E, 'DevCap', /MaxPayload (\d+)/, ['Device Capabilities', 'Max_Payload_Size Supported'], log2(128)),
  ...flags(E, 'DevCap', 'Device Capabilities', {
    ExtTag: 'Extended Tag Field Supported',
    RBE: 'Role-Based Error Reporting',
    FLReset: 'Function Level Reset Capability',
  }),
  ...flags(E, 'DevCtl', 'Device Control', {
    CorrErr: 'Correctable Error Reporting Enable',
    NonFatalErr: 'Non-Fatal Error Reporting Enable',
    FatalErr: 'Fatal Error Reporting Enable',
    UnsupReq: 'Unsupported Request Reporting Enable',
    RlxdOrd: 'Enable Relaxed Ordering',
    ExtTag: 'Extended Tag Field Enable',
    PhantFunc: 'Phantom Functions Enable',
    AuxPwr: 'Aux Power PM Enable',
    NoSnoop: 'Enable No Snoop',
  }),
  number(E, 'DevCtl', /MaxPayload (\d+)/, ['Device Control', 'Max_Payload_Size'], log2(128)),
  number(E, 'DevCtl', /MaxReadReq (\d+)/, ['Device Control', 'Max_Read_Request_Size'], log2(128)),
  ...flags(E, 'DevSta', 'Device Status', {
    CorrErr: 'Correctable Error Detected',
    NonFatalErr: 'Non-Fatal Error Detected',
    FatalErr: 'Fatal Error Detected',
    UnsupReq: 'Unsupported Request Detected',
    AuxPwr: 'AUX Power Detected',
    TransPend: 'Transactions Pending',
  }),
  number(E, 'LnkCap', /Port #(\d+)/, ['Link Capabilities', 'Port Number']),
  number(E, 'LnkCap', /Speed ([\d.]+)GT/, ['Link Capabilities', 'Max Link Speed'], speed),
  number(E, 'LnkCap', /Width x(\d+)/, ['Link Capabilities', 'Maximum Link Width']),
  number(
    E,
    'LnkCap',
    /ASPM (L0s L1|L0s|L1|not supported)/,
    ['Link Capabilities', 'Active State Power Management Support'],
    oneOf('not supported', 'L0s', 'L1', 'L0s L1'),
  ),
  ...flags(E, 'LnkCap', 'Link Capabilities', {
    ClockPM: 'Clock Power Management',
    Surprise: 'Surprise Down Error Reporting Capable',
    LLActRep: 'Data Link Layer Link Active Reporting Capable',
    BwNot: 'Link Bandwidth Notification Capability',
    ASPMOptComp: 'ASPM Optionality Compliance',
  }),
  number(
    E,
    'LnkCtl',
    /ASPM (Disabled|L0s Enabled|L1 Enabled|L0s L1 Enabled)/,
    ['Link Control', 'Active State Power Management Control'],
    oneOf('Disabled', 'L0s Enabled', 'L1 Enabled', 'L0s L1 Enabled'),
  ),
  number(E, 'LnkCtl', /RCB (\d+)/, ['Link Control', 'Read Completion Boundary'], oneOf('64', '128')),
  ...flags(E, 'LnkCtl', 'Link Control', {
    Disabled: 'Link Disable',
    CommClk: 'Common Clock Configuration',
    ExtSynch: 'Extended Synch',
    ClockPM: 'Enable Clock Power Management',
    AutWidDis: 'Hardware Autonomous Width Disable',
    BWInt: 'Link Bandwidth Management Interrupt Enable',
    AutBWInt: 'Link Autonomous Bandwidth Interrupt Enable',
  }),
  number(E, 'LnkSta', /Speed ([\d.]+)GT/, ['Link Status', 'Current Link Speed'], speed),
  number(E, 'LnkSta', /Width x(\d+)/, ['Link Status', 'Negotiated Link Width']),
  ...flags(E, 'LnkSta', 'Link Status', {
    Train: 'Link Training',
    SlotClk: 'Slot Clock Configuration',
    DLActive: 'Data Link Layer Link Active',
    BWMgmt: 'Link Bandwidth Management Status',
    ABWMgmt: 'Link Autonomous Bandwidth Status',
  }),
  ...flags(E, 'SltCap', 'Slot Capabilities', {
    AttnBtn: 'Attention Button Present',
    PwrCtrl: 'Power Controller Present',
    MRL: 'MRL Sensor Present',
    AttnInd: 'Attention Indicator Present',
    PwrInd: 'Power Indicator Present',
    HotPlug: 'Hot-Plug Capable',
    Surprise: 'Hot-Plug Surprise',
    Interlock: 'Electromechanical Interlock Present',
    NoCompl: 'No Command Completed Support',
  }),
  number(E, 'SltCap', /Slot #(\d+)/, ['Slot Capabilities', 'Physical Slot Number']),
  ...flags(E, 'SltCtl', 'Slot Control', {
    AttnBtn: 'Attention Button Pressed Enable',
    PwrFlt: 'Power Fault Detected Enable',
    MRL: 'MRL Sensor Changed Enable',
    PresDet: 'Presence Detect Changed Enable',
    CmdCplt: 'Command Completed Interrupt Enable',
    HPIrq: 'Hot-Plug Interrupt Enable',
    LinkChg: 'Data Link Layer State Changed Enable',
    Power: 'Power Controller Control',
    Interlock: 'Electromechanical Interlock Control',
  }),
  number(
    E,
    'SltCtl',
    /AttnInd (\w+)/,
    ['Slot Control', 'Attention Indicator Control'],
    oneOf('Unknown', 'On', 'Blink', 'Off'),
  ),
  number(
    E,
    'SltCtl',
    /PwrInd (\w+)/,
    ['Slot Control', 'Power Indicator Control'],
    oneOf('Unknown', 'On', 'Blink', 'Off'),
  ),
  ...flags(E, 'SltSta', 'Slot Status', {
    AttnBtn: 'Attention Button Pressed',
    PowerFlt: 'Power Fault Detected',
    MRL: 'MRL Sensor State',
    CmdCplt: 'Command Completed',
    PresDet: 'Presence Detect State',
    Interlock: 'Electromechanical Interlock Status',
    LinkState: 'Data Link Layer State Changed',
  }),
  number(E, 'SltSta', /Changed: MRL([+-])/, ['Slot Status', 'MRL Sensor Changed'], flag),
  number(E, 'SltSta', /Changed: .*PresDet([+-])/, ['Slot Status', 'Presence Detect Changed'], flag),
  ...flags(E, 'RootCap', 'Root Capabilities', { CRSVisible: 'CRS Software Visibility' }),
  ...flags(E, 'RootCtl', 'Root Control', {
    ErrCorrectable: 'System Error on Correctable Error Enable',
    'ErrNon-Fatal': 'System Error on Non-Fatal Error Enable',
    ErrFatal: 'System Error on Fatal Error Enable',
    PMEIntEna: 'PME Interrupt Enable',
    CRSVisible: 'CRS Software Visibility Enable',
  }),
  number(E, 'RootSta', /ReqID (\w+)/, ['Root Status', 'PME Requester ID'], hex),
  ...flags(E, 'RootSta', 'Root Status', { PMEStatus: 'PME Status', PMEPending: 'PME Pending' }),
  ...flags(E, 'DevCap2', 'Device Capabilities 2', {
    TimeoutDis: 'Completion Timeout Disable Supported',
    NROPrPrP: 'No RO-enabled PR-PR Passing',
    LTR: 'LTR Mechanism Supported',
    '10BitTagComp': '10-Bit Tag Completer Supported',
    '10BitTagReq': '10-Bit Tag Requester Supported',
    ExtFmt: 'Extended Fmt Field Supported',
    EETLPPrefix: 'End-End TLP Prefix Supported',
    EmergencyPowerReductionInit: 'Emergency Power Reduction Initialization Required',
    FRS: 'FRS Supported',
    ARIFwd: 'ARI Forwarding Supported',
    Routing: 'AtomicOp Routing Supported',
    '32bit': '32-bit AtomicOp Completer Supported',
    '64bit': '64-bit AtomicOp Completer Supported',
    '128bitCAS': '128-bit CAS Completer Supported',
  }),
  ...flags(E, 'DevCtl2', 'Device Control 2', {
    TimeoutDis: 'Completion Timeout Disable',
    LTR: 'LTR Mechanism Enable',
    '10BitTagReq': '10-Bit Tag Requester Enable',
    ARIFwd: 'ARI Forwarding Enable',
    ReqEn: 'AtomicOp Requester Enable',
    EgressBlck: 'AtomicOp Egress Blocking',
  }),
  ...flags(E, 'LnkCap2', 'Link Capabilities 2', {
    Crosslink: 'Crosslink Supported',
    Retimer: 'Retimer Presence Detect Supported',
    '2Retimers': 'Two Retimers Presence Detect Supported',
    DRS: 'DRS Supported',
  }),
  // Of 2.5 GT/s lspci does not say whether the field is 1 or, as allowed where it is hardwired, 0.
  number(E, 'LnkCtl2', /Target Link Speed: (\d+)GT/, ['Link Control 2', 'Target Link Speed'], speed),
  ...flags(E, 'LnkCtl2', 'Link Control 2', {
    EnterCompliance: 'Enter Compliance',
    SpeedDis: 'Hardware Autonomous Speed Disable',
    EnterModifiedCompliance: 'Enter Modified Compliance',
    ComplianceSOS: 'Compliance SOS',
  }),
  ...flags(E, 'LnkSta2', 'Link Status 2', {
    EqualizationComplete: 'Equalization 8.0 GT/s Complete',
    EqualizationPhase1: 'Equalization 8.0 GT/s Phase 1 Successful',
    EqualizationPhase2: 'Equalization 8.0 GT/s Phase 2 Successful',
    EqualizationPhase3: 'Equalization 8.0 GT/s Phase 3 Successful',
    LinkEqualizationRequest: 'Link Equalization Request 8.0 GT/s',
    Retimer: 'Retimer Presence Detected',
    '2Retimers': 'Two Retimers Presence Detected',
  }),

  ...flags(A, 'UESta', 'Uncorrectable Error Status', uncorrectable),
  ...flags(A, 'UEMsk', 'Uncorrectable Error Mask', uncorrectable),
  ...flags(A, 'UESvrt', 'Uncorrectable Error Severity', uncorrectable),
  ...flags(A, 'CESta', 'Correctable Error Status', correctable),
  ...flags(A, 'CEMsk', 'Correctable Error Mask', correctable),
  number(
    A,
    'AERCap',
    /First Error Pointer: (\w+)/,
    ['Advanced Error Capabilities and Control', 'First Error Pointer'],
    hex,
  ),
  ...flags(A, 'AERCap', 'Advanced Error Capabilities and Control', {
    ECRCGenCap: 'ECRC Generation Capable',
    ECRCGenEn: 'ECRC Generation Enable',
    ECRCChkCap: 'ECRC Check Capable',
    ECRCChkEn: 'ECRC Check Enable',
    MultHdrRecCap: 'Multiple Header Recording Capable',
    MultHdrRecEn: 'Multiple Header Recording Enable',
    TLPPfxPres: 'TLP Prefix Log Present',
    HdrLogCap: 'Completion Timeout Prefix/Header Log Capable',
  }),
  ...[0, 1, 2, 3].map((n) =>
    number(A, 'HeaderLog', new RegExp(`^(?:\\w+ ){${n}}(\\w+)`), [`Header Log ${n}`, 'TLP Header'], hex),
  ),
  ...flags(A, 'RootCmd', 'Root Error Command', {
    CERptEn: 'Correctable Error Reporting Enable',
    NFERptEn: 'Non-Fatal Error Reporting Enable',
    FERptEn: 'Fatal Error Reporting Enable',
  }),
  ...flags(A, 'RootSta', 'Root Error Status', {
    CERcvd: 'ERR_COR Received',
    MultCERcvd: 'Multiple ERR_COR Received',
    UERcvd: 'ERR_FATAL/NONFATAL Received',
    MultUERcvd: 'Multiple ERR_FATAL/NONFATAL Received',
    FirstFatal: 'First Uncorrectable Fatal',
    NonFatalMsg: 'Non-Fatal Error Messages Received',
    FatalMsg: 'Fatal Error Messages Received',
  }),
  number(A, 'ErrorSrc', /ERR_COR: (\w+)/, ['Error Source Identification', 'ERR_COR Source Identification'], hex),
  number(
    A,
    'ErrorSrc',
    /NONFATAL: (\w+)/,
    ['Error Source Identification', 'ERR_FATAL/NONFATAL Source Identification'],
    hex,
  ),

  ...flags('Access Control Services', 'ACSCap', 'ACS Capability', acs('')),
  ...flags('Access Control Services', 'ACSCtl', 'ACS Control', acs(' Enable')),
  number('Address Translation Services', 'ATSCap', /Depth: (\w+)/, ['ATS Capability', 'Invalidate Queue Depth'], hex),
  ...flags('Address Translation Services', 'ATSCtl', 'ATS Control', { Enable: 'ATS Enable' }),
  number('Address Translation Services', 'ATSCtl', /Unit: (\w+)/, ['ATS Control', 'Smallest Translation Unit'], hex),
  ...flags('Alternative Routing-ID Interpretation', 'ARICap', 'ARI Capability', {
    MFVC: 'MFVC Function Groups Capability',
    ACS: 'ACS Function Groups Capability',
  }),
  number('Alternative Routing-ID Interpretation', 'ARICap', /Function: (\d+)/, [
    'ARI Capability',
    'Next Function Number',
  ]),
  number('Alternative Routing-ID Interpretation', 'ARICtl', /Group: (\d+)/, ['ARI Control', 'Function Group']),
  ...flags('Page Request Interface', 'PRICtl', 'Page Request Control', { Enable: 'Enable', Reset: 'Reset' }),
  ...flags('Page Request Interface', 'PRISta', 'Page Request Status', {
    RF: 'Response Failure',
    UPRGI: 'Unexpected Page Request Group Index',
    Stopped: 'Stopped',
  }),
  ...flags('Process Address Space ID', 'PASIDCap', 'PASID Capability', {
    Exec: 'Execute Permission Supported',
    Priv: 'Privileged Mode Supported',
  }),
  number('Process Address Space ID', 'PASIDCap', /Width: (\w+)/, ['PASID Capability', 'Max PASID Width'], hex),
  ...flags('Process Address Space ID', 'PASIDCtl', 'PASID Control', {
    Enable: 'PASID Enable',
    Exec: 'Execute Permission Enable',
    Priv: 'Privileged Mode Enable',
  }),
  ...flags('Precision Time Measurement', 'PTMCap', 'PTM Capability', {
    'Requester:': 'PTM Requester Capable',
    'Responder:': 'PTM Responder Capable',
    'Root:': 'PTM Root Capable',
  }),
  ...flags('Precision Time Measurement', 'PTMControl', 'PTM Control', {
    'Enabled:': 'PTM Enable',
    'RootSelected:': 'Root Select',
  }),
  ...flags('L1 PM Substates', 'L1SubCap', 'L1 PM Substates Capabilities', {
    ...l1('Supported'),
    L1_PM_Substates: 'L1 PM Substates Supported',
  }),
  number('L1 PM Substates', 'L1SubCap', /RestoreTime=(\d+)us/, [
    'L1 PM Substates Capabilities',
    'Port Common_Mode_Restore_Time',
  ]),
  ...flags('L1 PM Substates', 'L1SubCtl1', 'L1 PM Substates Control 1', l1('Enable')),
  number('L1 PM Substates', 'L1SubCtl1', /T_CommonMode=(\d+)us/, [
    'L1 PM Substates Control 1',
    'Common_Mode_Restore_Time',
  ]),
  ...flags('Secondary PCI Express', 'LnkCtl3', 'Link Control 3', {
    LnkEquIntrruptEn: 'Link Equalization Request Interrupt Enable',
    PerformEqu: 'Perform Equalization',
  }),
  ...flags('Single Root I/O Virtualization', 'IOVCap', 'SR-IOV Capabilities', {
    Migration: 'VF Migration Capable',
    '10BitTagReq': 'VF 10-Bit Tag Requester Supported',
  }),
  ...flags('Single Root I/O Virtualization', 'IOVCtl', 'SR-IOV Control', {
    Enable: 'VF Enable',
    Migration: 'VF Migration Enable',
    Interrupt: 'VF Migration Interrupt Enable',
    MSE: 'VF MSE',
    ARIHierarchy: 'ARI Capable Hierarchy',
    '10BitTagReq': 'VF 10-Bit Tag Requester Enable',
  }),
  number('Single Root I/O Virtualization', 'Initial VFs', /^(\d+)/, ['InitialVFs', 'InitialVFs']),
  number('Single Root I/O Virtualization', 'Initial VFs', /Total VFs: (\d+)/, ['TotalVFs', 'TotalVFs']),
  number('Single Root I/O Virtualization', 'Initial VFs', /Number of VFs: (\d+)/, ['NumVFs', 'NumVFs']),
  number('Single Root I/O Virtualization', 'VF offset', /^(\d+)/, ['First VF Offset', 'First VF Offset']),
  number('Single Root I/O Virtualization', 'VF offset', /stride: (\d+)/, ['VF Stride', 'VF Stride']),
  number('Single Root I/O Virtualization', 'VF offset', /Device ID: (\w+)/, ['VF Device ID', 'VF Device ID'], hex),
  number(
    'Single Root I/O Virtualization',
    'Supported Page Size',
    /^(\w+)/,
    ['Supported Page Sizes', 'Supported Page Sizes'],
    hex,
  ),
  number(
    'Single Root I/O Virtualization',
    'Supported Page Size',
    /System Page Size: (\w+)/,
    ['System Page Size', 'System Page Size'],
    hex,
  ),
  ...flags('Data Object Exchange', 'DOECap', 'DOE Capabilities', { IntSup: 'DOE Interrupt Support' }),
  ...flags('Data Object Exchange', 'DOECtl', 'DOE Control', { IntEn: 'DOE Interrupt Enable' }),
  // Not Error: lspci 3.9 takes bits 1:0 for it; PCIe 6.0 §7.9.24.4 has it in bit 2.
  ...flags('Data Object Exchange', 'DOESta', 'DOE Status', {
    Busy: 'DOE Busy',
    IntSta: 'DOE Interrupt Status',
    ObjectReady: 'Data Object Ready',
  }),
  ...flags('Advanced Features', 'AFCap', 'AF Capabilities', {
    TP: 'Transactions Pending Capability',
    FLR: 'FLR Capability',
  }),
  ...flags('Advanced Features', 'AFStatus', 'AF Status', { TP: 'Transactions Pending' }),
  number('Virtual Channel', 'Caps', /LPEVC=(\d)/, ['Port VC Capability 1', 'Low Priority Extended VC Count']),
  ...[0, 1].flatMap((n) => [
    number('Virtual Channel', `VC${n}`, /Enable([+-])/, [`VC${n} Resource Control`, 'VC Enable'], flag),
    number('Virtual Channel', `VC${n}`, /ID=(\d)/, [`VC${n} Resource Control`, 'VC ID']),
    number(
      'Virtual Channel',
      `VC${n}`,
      /MaxTimeSlots=(\d+)/,
      [`VC${n} Resource Capability`, 'Maximum Time Slots'],
      (text) => Number(text) - 1,
    ),
    number(
      'Virtual Channel',
      `VC${n}`,
      /NegoPending([+-])/,
      [`VC${n} Resource Status`, 'VC Negotiation Pending'],
      flag,
    ),
  ]),
  ...flags('PCI-X', 'Command', 'PCI-X Command', {
    DPERE: 'Data Parity Error Recovery Enable',
    ERO: 'Enable Relaxed Ordering',
  }),
  // A bridge has other registers there than another function: of the two, the one that is not there is not compared.
  ...flags('PCI-X', 'Status', 'PCI-X Bridge Status', pcix),
  ...flags('PCI-X', 'Status', 'PCI-X Status', { ...pcix, RSCEM: 'Received Split Completion Error Message' }),
  ...flags('PCI-X', 'Secondary Status', 'PCI-X Secondary Status', pcix),
];
