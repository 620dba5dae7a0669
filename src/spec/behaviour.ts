/** The closed list of what no mask says: a field's behaviour, by name. The tables name it; `config/behaviours.ts` and the fabric do it. */
export type Behaviour =
  /** The width of the RW part is the size of the decoder behind it. PCIe 5.0 §7.5.1.2.1. */
  | 'bar'
  /** An action on something that is not modelled: writing 1 does nothing here, and reads give 0. */
  | 'reads-zero'
  /** PowerState: a state that the function lacks is dropped; D3hot to D0 without No_Soft_Reset resets. PCIe 5.0 §5.3.1.4, §7.5.2.2. */
  | 'power-state'
  /** Writing 1 resets the function. PCIe 5.0 §6.6.2. */
  | 'function-level-reset'
  /** While set, everything behind the bridge is in reset. PCIe 5.0 §7.5.1.3.13. */
  | 'secondary-bus-reset'
  /** While set, the link is down. PCIe 5.0 §7.5.3.7. */
  | 'link-disable'
  /** Writing 1 trains the link anew, to the Target Link Speed. PCIe 5.0 §7.5.3.7. */
  | 'retrain-link'
  /** A write to any byte of the register is a hot-plug command, done at once. PCIe 5.0 §6.7.3.2. */
  | 'hot-plug-command'
  /** While set (and there is a power controller), the slot has no power. PCIe 5.0 §7.5.3.10. */
  | 'slot-power'
  /** Writing 1 opens or closes the slot's interlock, whichever it was not. PCIe 5.0 §7.5.3.10. */
  | 'interlock'
  /** The size of a BAR, or of a VF BAR; a size that is not supported is dropped. PCIe 5.0 §7.8.6.3. */
  | 'bar-size'
  /** The least size of a VF BAR. PCIe 5.0 §9.3.3.13. */
  | 'page-size'
  /** Rises: NumVFs functions come; falls: they go. PCIe 5.0 §9.3.3.3.1. */
  | 'vf-enable'
  /** A message that a mask has held back may go. PCIe 5.0 §6.1.4.5. */
  | 'interrupt-mask'
  /** Clearing it frees the header log for the next error. PCIe 5.0 §6.2.4.2. */
  | 'error-status'
  /** Clearing DPC Trigger Status lets the link come up again. PCIe 5.0 §7.9.15.4. */
  | 'dpc-status'
  /** Writing 1 triggers Downstream Port Containment. PCIe 5.0 §7.9.15.3. */
  | 'dpc-software-trigger'
  /** Reads or writes one DWORD of Vital Product Data. PCIe 5.0 §7.9.19. */
  | 'vpd-address'
  /** The data object mailbox: PCIe 6.0 §6.30.2. */
  | 'doe-abort'
  | 'doe-go'
  | 'doe-write-data'
  | 'doe-read-data';

/** Behaviours of fields that are no storage: the field reads 0 whatever was written. */
const actions: ReadonlySet<Behaviour> = /* @__PURE__ */ new Set<Behaviour>([
  'reads-zero',
  'function-level-reset',
  'retrain-link',
  'interlock',
  'dpc-software-trigger',
  'doe-abort',
  'doe-go',
  'doe-write-data',
]);

export function isAction(behaviour: Behaviour | undefined): boolean {
  return behaviour !== undefined && actions.has(behaviour);
}
