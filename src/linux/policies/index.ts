/** Every remedy, in the order in which it is listed. */
import { baselines } from './baseline.ts';
import { bmeAllAlways } from './bme-all-always.ts';
import { bmeLeafOnly } from './bme-leaf-only.ts';
import { iommuCopy } from './iommu-copy.ts';
import { iommuOff } from './iommu-off.ts';
import { kexec } from './kexec.ts';
import { loadAllDrivers } from './load-all-drivers.ts';
import { pciePortsCompat } from './pcie-ports-compat.ts';
import type { Policy } from './policy.ts';
import { removeBeforeCrash } from './remove-before-crash.ts';
import { rfcKdumpBme, rfcKdumpBmeNostate } from './rfc-kdump-bme.ts';
import { skipPortdrvDisable } from './skip-portdrv-disable.ts';

export { type KdumpIommu, type Policy, type ShutdownPath, type Situation, shutdownPaths } from './policy.ts';

export const policies: readonly Policy[] = [
  ...baselines,
  kexec,
  rfcKdumpBme,
  rfcKdumpBmeNostate,
  skipPortdrvDisable,
  bmeAllAlways,
  bmeLeafOnly,
  loadAllDrivers,
  removeBeforeCrash,
  pciePortsCompat,
  iommuCopy,
  iommuOff,
];

/** @throws Error that lists the policies, when there is none of that name */
export function policyNamed(id: string): Policy {
  const policy = policies.find((candidate) => candidate.id === id);
  if (policy === undefined)
    throw new Error(`expected a policy (${policies.map((candidate) => candidate.id).join(', ')}), got "${id}"`);
  return policy;
}
