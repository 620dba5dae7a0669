/** Every remedy, in the order in which it is listed. */
import { baselines } from './baseline.ts';
import { bmeAllAlways } from './bme-all-always.ts';
import { bmeLeafOnly } from './bme-leaf-only.ts';
import { bootBmeClear, bootBmeClearTopdown } from './boot-bme-clear.ts';
import { bootFlr } from './boot-flr.ts';
import { bootHotReset } from './boot-hot-reset.ts';
import { crashHostbridge } from './crash-hostbridge.ts';
import { crashShootdown } from './crash-shootdown.ts';
import { crashTable } from './crash-table.ts';
import { dpc } from './dpc.ts';
import { efiDisableEarlyDma } from './efi-disable-early-dma.ts';
import { iommuCopy } from './iommu-copy.ts';
import { iommuOff } from './iommu-off.ts';
import { kexec } from './kexec.ts';
import { linkDisable } from './link-disable.ts';
import { liveUpdatePreserve } from './live-update-preserve.ts';
import { loadAllDrivers } from './load-all-drivers.ts';
import { maskUr } from './mask-ur.ts';
import { pciNoaer } from './pci-noaer.ts';
import { pciePortsCompat } from './pcie-ports-compat.ts';
import type { Policy } from './policy.ts';
import { portdrvWalkChildren } from './portdrv-walk-children.ts';
import { removeBeforeCrash } from './remove-before-crash.ts';
import { resetDevices } from './reset-devices.ts';
import { reverseOrderBug } from './reverse-order-bug.ts';
import { rfcKdumpBme, rfcKdumpBmeNostate } from './rfc-kdump-bme.ts';
import { skipPortdrvDisable } from './skip-portdrv-disable.ts';

export { allPromise, composedClearMasterRule, composedPath, composedRules, expectNoContradiction } from './compose.ts';
export { withBridgesAbove } from './live-update-preserve.ts';
export {
  type KdumpIommu,
  type Policy,
  type PolicyPhase,
  type ShutdownPath,
  type Situation,
  shutdownPaths,
} from './policy.ts';

export const policies: readonly Policy[] = [
  ...baselines,
  kexec,
  rfcKdumpBme,
  rfcKdumpBmeNostate,
  skipPortdrvDisable,
  bmeAllAlways,
  bmeLeafOnly,
  portdrvWalkChildren,
  reverseOrderBug,
  liveUpdatePreserve,
  crashShootdown,
  crashTable,
  crashHostbridge,
  bootBmeClear,
  bootBmeClearTopdown,
  efiDisableEarlyDma,
  bootHotReset,
  bootFlr,
  linkDisable,
  resetDevices,
  loadAllDrivers,
  pciePortsCompat,
  iommuCopy,
  iommuOff,
  pciNoaer,
  maskUr,
  dpc,
  removeBeforeCrash,
];

/** @throws Error that lists the policies, when there is none of that name */
export function policyNamed(id: string): Policy {
  const policy = policies.find((candidate) => candidate.id === id);
  if (policy === undefined)
    throw new Error(`expected a policy (${policies.map((candidate) => candidate.id).join(', ')}), got "${id}"`);
  return policy;
}
