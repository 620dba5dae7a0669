/** Which driver has which function, and what the kernel knows of it: the part of a machine's state that is not in its registers. */
import type { PortService } from './pci-dev.ts';

/** Controls of `_OSC`, named as the kernel logs them: pci_osc_control_bit[], cxl_osc_control_bit[], drivers/acpi/pci_root.c. */
export const oscControls = [
  'PCIeHotplug',
  'SHPCHotplug',
  'PME',
  'AER',
  'PCIeCapability',
  'LTR',
  'DPC',
  'CXLMemErrorReporting',
] as const;

/** What `_OSC` gave to the OS: names of `oscControls`. */
export interface Osc {
  readonly os_controls: readonly string[];
}

/** One function under one kernel; what is not given has its default. */
export interface FunctionBinding {
  readonly bdf: string;
  readonly driver?: string | null;
  readonly enable_count?: number;
  readonly power_state?: string;
  readonly runtime?: string;
  /** Command, lower-case hex without prefix. */
  readonly command?: string;
  readonly services?: readonly (PortService | string)[];
}

/** The shape of `oracles/linux/*.json`, as far as it says what was there before the shutdown. */
export interface Bindings {
  readonly osc?: Osc;
  readonly first_kernel?: readonly FunctionBinding[];
  readonly second_kernel?: readonly FunctionBinding[] | null;
}

/** The OS owns what it asks for on most machines. */
export const defaultOsc: Osc = { os_controls: ['PME', 'AER', 'PCIeCapability'] };
