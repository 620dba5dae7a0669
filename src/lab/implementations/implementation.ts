/** What an implementation leaves out of the spec, or does otherwise: rules as data, each with its evidence. */
import type { PortType } from '../../../spec-tables/port-types.ts';

export interface ImplementationRule {
  readonly id: string;
  /** The register's name in the tables. */
  readonly register: string;
  /** Bits of the register; absent: all. */
  readonly mask?: number;
  /** Only in functions of these types; absent: in all. */
  readonly portTypes?: readonly PortType[];
  /** Only in functions without a PCI Express Capability. */
  readonly conventional?: true;
  /** A device's own quirk: vendor and device ID. */
  readonly device?: readonly [vendor: number, device: number];
  readonly differs: string;
  readonly evidence: string;
}

export interface Implementation {
  readonly id: string;
  readonly rules: readonly ImplementationRule[];
}
