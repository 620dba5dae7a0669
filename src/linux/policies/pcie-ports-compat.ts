import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const pciePortsCompat: Policy = {
  ...baseline,
  id: 'pcie_ports=compat',
  phase: 'boot',
  does: 'pcieport does not bind: no AER, PME, DPC or hot plug, and nothing disables a port',
  promises: 'no UR outside kexec; DMA goes on until the platform resets',
  source: 'kdump-utils pull requests 4 and 9 (2024)',
  status: 'shipped',
  rules: (rules) => ({ ...rules, portDriverBinds: false, portShutdown: 'none' }),
};
