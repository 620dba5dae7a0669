import type { Structure } from '../src/spec/structure.ts';
import { AccessControlServices } from './access-control-services.ts';
import { AdvancedErrorReporting } from './advanced-error-reporting.ts';
import { DownstreamPortContainment } from './downstream-port-containment.ts';
import { MsiCapability } from './msi.ts';
import { MsiXCapability } from './msi-x.ts';
import { PciExpressCapability } from './pci-express.ts';
import { PowerManagementCapability } from './power-management.ts';
import { SubsystemIdCapability } from './subsystem-id.ts';
import { Type0Header } from './type-0-header.ts';
import { Type1Header } from './type-1-header.ts';

export {
  AccessControlServices,
  AdvancedErrorReporting,
  DownstreamPortContainment,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
  SubsystemIdCapability,
  Type0Header,
  Type1Header,
};

/** Every structure that has a table. A capability without one keeps a dump's bytes, read-only. */
export const structures: readonly Structure[] = [
  Type0Header,
  Type1Header,
  PowerManagementCapability,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  AdvancedErrorReporting,
  DownstreamPortContainment,
  SubsystemIdCapability,
  AccessControlServices,
];
