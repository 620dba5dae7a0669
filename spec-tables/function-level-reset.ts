/**
 * What a Function Level Reset keeps although it is not sticky: what belongs to the link or to all functions of the device.
 * PCIe 5.0 §6.6.2; Lane Margining: §7.7.7 (it takes its reset values at DL_Down only).
 */
export const keptByFunctionLevelReset: readonly (
  | { readonly structure: string }
  | { readonly register: string; readonly fields: readonly string[] }
)[] = [
  { register: 'Device Control', fields: ['Max_Payload_Size'] },
  {
    register: 'Link Control',
    fields: [
      'Active State Power Management Control',
      'Read Completion Boundary',
      'Common Clock Configuration',
      'Extended Synch',
      'Enable Clock Power Management',
      'Hardware Autonomous Width Disable',
    ],
  },
  { register: 'Link Control 2', fields: ['Hardware Autonomous Speed Disable'] },
  { structure: 'Virtual Channel' },
  { structure: 'Virtual Channel with MFVC' },
  { structure: 'Multi-Function Virtual Channel' },
  { structure: 'Secondary PCI Express' },
  { structure: 'Data Link Feature' },
  { structure: 'Physical Layer 16.0 GT/s' },
  { structure: 'Physical Layer 32.0 GT/s' },
  { structure: 'Physical Layer 64.0 GT/s' },
  { structure: 'Physical Layer 128.0 GT/s' },
  { structure: 'Lane Margining at the Receiver' },
];
