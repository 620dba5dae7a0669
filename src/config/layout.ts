/** What a function's bytes are, as opposed to what they hold: masks, where its capabilities lie, which kind of port it is. */
import {
  CAPABILITY_ID_MSI,
  CAPABILITY_ID_MSI_X,
  CAPABILITY_ID_PCI_EXPRESS,
  CAPABILITY_ID_POWER_MANAGEMENT,
  EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING,
  EXTENDED_CAPABILITY_ID_DOWNSTREAM_PORT_CONTAINMENT,
  EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  PCI_EXPRESS_CAPABILITIES,
  SLOT_CAPABILITIES,
  SLOT_CAPABILITIES_HOT_PLUG_CAPABLE,
  SLOT_CAPABILITIES_NO_COMMAND_COMPLETED_SUPPORT,
  SLOT_CONTROL,
  VF_BAR_0,
} from '../spec/constants.ts';
import { conditionsThatHold, emptyMasks, foldStructure, type Masks } from '../spec/fold.ts';
import type { Structure } from '../spec/structure.ts';
import { addBarMasks, type Bar, vfBars } from './bars.ts';
import { type CapabilityEntry, type CapabilityWalk, walkCapabilities } from './capabilities.ts';
import { placedStructures, portTypeOf, UNKNOWN_PORT } from './placed-structures.ts';

/** Shared by every function that has the same structures at the same offsets under the same conditions. */
export interface Layout extends Masks {
  /** 256 or 4,096. */
  readonly size: number;
  /** Bits 6:0 of 0Eh. */
  readonly headerType: number;
  readonly capabilities: readonly CapabilityEntry[];
  readonly problems: CapabilityWalk['problems'];
  readonly bars: readonly Bar[];
  /** Device/Port Type code; NOT_EXPRESS without a PCI Express Capability; UNKNOWN_PORT where the bytes are not there. */
  readonly portType: number;
  /** Offsets of capabilities, 0 where there is none. The first of its kind counts. */
  readonly powerManagement: number;
  readonly msi: number;
  readonly msiX: number;
  readonly pciExpress: number;
  /** Offset of Slot Control where writes to it are hot-plug commands that complete; 0 elsewhere. */
  readonly slotControl: number;
  readonly aer: number;
  readonly dpc: number;
}

/** Makes layouts, one for all functions that are alike. */
export class Layouts {
  readonly #known = new Map<string, Layout>();
  /** A number for each structure, since one with blocks has several shapes. */
  readonly #shapes = new Map<Structure, number>();

  /**
   * @param bytes one function's space, 256 or 4,096 bytes
   * @param bars its BARs with their sizes
   * @param headerOnly capabilities are not known
   * @param barSizesLog2 stated sizes by BAR index, those of VF BARs among them
   */
  layoutOf(
    bytes: Uint8Array,
    bars: readonly Bar[],
    headerOnly = false,
    barSizesLog2: readonly (number | undefined)[] = [],
  ): Layout {
    const headerType = bytes[HEADER_TYPE]! & HEADER_TYPE_HEADER_LAYOUT;
    const { entries, problems } = walkCapabilities(bytes);
    const offsetOf = (id: number, isExtended: boolean) =>
      entries.find((entry) => entry.id === id && entry.extended === isExtended)?.offset ?? 0;
    const pciExpress = offsetOf(CAPABILITY_ID_PCI_EXPRESS, false);
    const portType = headerOnly ? UNKNOWN_PORT : portTypeOf(bytes, entries);
    const placed = placedStructures(bytes, entries).map(({ structure, at }) => ({
      structure,
      at,
      holds: conditionsThatHold(structure, bytes, at, portType),
    }));

    const sriov = offsetOf(EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION, true);
    const virtual = sriov === 0 ? [] : vfBars(bytes, sriov + VF_BAR_0, barSizesLog2);
    const key = [
      `${completesCommands(bytes, pciExpress)}`,
      `${bytes.length} ${headerType} ${portType}`,
      ...entries.map((entry) => `${entry.extended ? 'x' : 's'}${entry.offset}:${entry.id}:${entry.version}`),
      ...placed.map(({ structure, holds }) => `${this.#shapeOf(structure)}${holds}`),
      ...[...bars, ...virtual].map((bar) => `${bar.index}${bar.kind}${bar.prefetchable}${bar.sizeLog2}`),
      ...problems.map(({ offset, text }) => `${offset}${text}`),
    ].join('|');
    let layout = this.#known.get(key);
    if (layout === undefined) {
      const masks = emptyMasks(bytes.length);
      for (const { structure, at, holds } of placed) foldStructure(structure, at, holds, masks);
      addBarMasks([...bars, ...virtual], masks.rw);
      layout = {
        ...masks,
        size: bytes.length,
        headerType,
        capabilities: entries,
        problems,
        bars,
        portType,
        powerManagement: offsetOf(CAPABILITY_ID_POWER_MANAGEMENT, false),
        msi: offsetOf(CAPABILITY_ID_MSI, false),
        msiX: offsetOf(CAPABILITY_ID_MSI_X, false),
        pciExpress,
        slotControl: completesCommands(bytes, pciExpress) ? pciExpress + SLOT_CONTROL : 0,
        aer: offsetOf(EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING, true),
        dpc: offsetOf(EXTENDED_CAPABILITY_ID_DOWNSTREAM_PORT_CONTAINMENT, true),
      };
      this.#known.set(key, layout);
    }
    return layout;
  }

  #shapeOf(structure: Structure): number {
    const known = this.#shapes.get(structure);
    if (known !== undefined) return known;
    this.#shapes.set(structure, this.#shapes.size);
    return this.#shapes.size - 1;
  }
}

/** A hot-plug capable slot without No Command Completed Support. PCIe 5.0 §7.5.3.9. */
function completesCommands(bytes: Uint8Array, pciExpress: number): boolean {
  if (pciExpress === 0 || (bytes[pciExpress + PCI_EXPRESS_CAPABILITIES + 1]! & 1) === 0) return false;
  const slot = new DataView(bytes.buffer, bytes.byteOffset).getUint32(pciExpress + SLOT_CAPABILITIES, true);
  return (
    (slot & SLOT_CAPABILITIES_HOT_PLUG_CAPABLE) !== 0 && (slot & SLOT_CAPABILITIES_NO_COMMAND_COMPLETED_SUPPORT) === 0
  );
}
