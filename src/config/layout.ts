/** What a function's bytes are, as opposed to what they hold: masks, where its capabilities lie, which kind of port it is. */
import {
  CAPABILITY_ID_ENHANCED_ALLOCATION,
  CAPABILITY_ID_MSI,
  CAPABILITY_ID_MSI_X,
  CAPABILITY_ID_PCI_EXPRESS,
  CAPABILITY_ID_POWER_MANAGEMENT,
  COMMAND,
  EXTENDED_CAPABILITY_ID_ACCESS_CONTROL_SERVICES,
  EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING,
  EXTENDED_CAPABILITY_ID_DATA_OBJECT_EXCHANGE,
  EXTENDED_CAPABILITY_ID_DEVICE_3,
  EXTENDED_CAPABILITY_ID_DOWNSTREAM_PORT_CONTAINMENT,
  EXTENDED_CAPABILITY_ID_MULTICAST,
  EXTENDED_CAPABILITY_ID_ROOT_COMPLEX_EVENT_COLLECTOR_ENDPOINT_ASSOCIATION,
  EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  SYSTEM_PAGE_SIZE,
  VENDOR_ID,
  VF_BAR_0,
} from '../spec/constants.ts';
import {
  askedBits,
  conditionsThatHold,
  emptyMasks,
  foldStructure,
  type Masks,
  type PlacedBehaviour,
  presentRegisters,
} from '../spec/fold.ts';
import type { Structure } from '../spec/structure.ts';
import { addBarMasks, type Bar, vfBars } from './bars.ts';
import { type CapabilityEntry, type CapabilityProblem, walkCapabilities } from './capabilities.ts';
import { overrunOf } from './capability-extents.ts';
import { expressOf, placedStructures, portTypeOf, UNKNOWN_PORT } from './placed-structures.ts';
import { Mark, markWatched } from './watched-registers.ts';

/** Shared by every function that has the same structures at the same offsets under the same conditions. */
export interface Layout extends Omit<Masks, 'behaviours'> {
  /** 256 or 4,096. */
  readonly size: number;
  /** Bits 6:0 of 0Eh. */
  readonly headerType: number;
  readonly capabilities: readonly CapabilityEntry[];
  /** What is wrong with the lists, and capabilities that run beyond their space. */
  readonly problems: readonly CapabilityProblem[];
  readonly bars: readonly Bar[];
  /** Those of an SR-IOV Capability: sizes for each VF. */
  readonly vfBars: readonly Bar[];
  /** A VF: its Vendor and Device ID read all ones, and the rest does not. PCIe 5.0 §9.3.4.1.1. */
  readonly isVirtual: boolean;
  /** Device/Port Type code; NOT_EXPRESS without a PCI Express Capability; UNKNOWN_PORT where the bytes are not there. */
  readonly portType: number;
  /**
   * Offsets of capabilities, 0 where there is none. The first of its kind counts; one that runs beyond its space is none, so every
   * register that its version, port type and own bits give it can be read.
   */
  readonly powerManagement: number;
  readonly msi: number;
  readonly msiX: number;
  readonly pciExpress: number;
  readonly aer: number;
  readonly acs: number;
  readonly device3: number;
  readonly multicast: number;
  readonly dpc: number;
  readonly sriov: number;
  readonly rcecAssociation: number;
  readonly enhancedAllocation: number;
  /** Every DOE mailbox, by the same rule. */
  readonly dataObjectExchanges: readonly number[];
  /** One entry a DWORD of the space: bits of `Mark`, for what a change of it does beyond its bytes. */
  readonly marked: Uint8Array;
  /** What it does, by offset of the DWORD. */
  readonly behaviours: ReadonlyMap<number, readonly PlacedBehaviour[]>;
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
    const firstOf = (id: number, isExtended: boolean) =>
      entries.find((entry) => entry.id === id && entry.extended === isExtended)?.offset ?? 0;
    const express = expressOf(entries);
    const portType = headerOnly ? UNKNOWN_PORT : portTypeOf(bytes, entries);
    const placed = placedStructures(bytes, entries).map(({ structure, at }) => ({
      structure,
      at,
      holds: conditionsThatHold(structure, bytes, at, portType, express),
    }));

    const sriov = firstOf(EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION, true);
    const ofVfs =
      sriov === 0 ? [] : vfBars(bytes, sriov + VF_BAR_0, pageSizeLog2(bytes, sriov + SYSTEM_PAGE_SIZE), barSizesLog2);
    const isVirtual = isVirtualFunction(bytes);
    const key = [
      `${bytes.length} ${headerType} ${portType} ${isVirtual}`,
      ...entries.map((entry) => `${entry.extended ? 'x' : 's'}${entry.offset}:${entry.id}:${entry.version}`),
      ...placed.map(({ structure, holds }) => `${this.#shapeOf(structure)}${holds}`),
      ...[...bars, ...ofVfs].map((bar) => `${bar.index}${bar.kind}${bar.prefetchable}${bar.sizeLog2}`),
      ...problems.map(({ offset, text }) => `${offset}${text}`),
    ].join('|');
    let layout = this.#known.get(key);
    if (layout === undefined) {
      const masks = emptyMasks(bytes.length);
      for (const { structure, at, holds } of placed) foldStructure(structure, at, holds, masks, isVirtual);
      const overruns = entries.flatMap((entry) => {
        const here = placed.find(({ structure, at }) => at === entry.offset && structure.headerType === undefined);
        if (here === undefined) return [];
        const { structure, holds } = here;
        return overrunOf(entry, structure.name, presentRegisters(structure, holds), bytes.length) ?? [];
      });
      const isWhole = (offset: number) => !overruns.some((overrun) => overrun.offset === offset);
      const offsetOf = (id: number, isExtended: boolean) => {
        const offset = firstOf(id, isExtended);
        return isWhole(offset) ? offset : 0;
      };
      const wholeVfBars = isWhole(sriov) ? ofVfs : [];
      addBarMasks([...bars, ...wholeVfBars], masks.rw);
      for (const { structure, at } of placed)
        for (const asked of askedBits(structure, at, express))
          if (isWritable(masks, asked)) masks.behaviours.push(asked);
      // A behaviour may touch any register of its structure.
      const acting = masks.behaviours.filter(({ behaviour, at }) => behaviour === 'layout' || isWhole(at));
      const { marked, behaviours } = byDword(acting, bytes.length);
      // Field by field: spread, layouts of one kind get several hidden classes, and a TLP takes up to twice as long (measured).
      layout = {
        rw: masks.rw,
        rw1c: masks.rw1c,
        sticky: masks.sticky,
        keptByFlr: masks.keptByFlr,
        reset: masks.reset,
        marked,
        behaviours,
        size: bytes.length,
        headerType,
        capabilities: entries,
        problems: [...problems, ...overruns],
        bars,
        vfBars: wholeVfBars,
        isVirtual,
        portType,
        powerManagement: offsetOf(CAPABILITY_ID_POWER_MANAGEMENT, false),
        msi: offsetOf(CAPABILITY_ID_MSI, false),
        msiX: offsetOf(CAPABILITY_ID_MSI_X, false),
        pciExpress: offsetOf(CAPABILITY_ID_PCI_EXPRESS, false),
        aer: offsetOf(EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING, true),
        acs: offsetOf(EXTENDED_CAPABILITY_ID_ACCESS_CONTROL_SERVICES, true),
        device3: offsetOf(EXTENDED_CAPABILITY_ID_DEVICE_3, true),
        multicast: offsetOf(EXTENDED_CAPABILITY_ID_MULTICAST, true),
        dpc: offsetOf(EXTENDED_CAPABILITY_ID_DOWNSTREAM_PORT_CONTAINMENT, true),
        sriov: offsetOf(EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION, true),
        rcecAssociation: offsetOf(EXTENDED_CAPABILITY_ID_ROOT_COMPLEX_EVENT_COLLECTOR_ENDPOINT_ASSOCIATION, true),
        enhancedAllocation: offsetOf(CAPABILITY_ID_ENHANCED_ALLOCATION, false),
        dataObjectExchanges: entries
          .filter(({ id, extended }) => extended && id === EXTENDED_CAPABILITY_ID_DATA_OBJECT_EXCHANGE)
          .map(({ offset }) => offset)
          .filter(isWhole),
      };
      markWatched(marked, layout);
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

/** Vendor and Device ID of a VF read all ones; a function that is not there reads so all over. PCIe 5.0 §9.3.4.1.1. */
export function isVirtualFunction(bytes: Uint8Array): boolean {
  const ones = (from: number) => bytes.subarray(from, from + 4).every((byte) => byte === 0xff);
  return ones(VENDOR_ID) && !ones(COMMAND);
}

/** Bit n of System Page Size: pages of 2^(n+12) bytes; the lowest that is set counts. PCIe 5.0 §9.3.3.13. */
function pageSizeLog2(bytes: Uint8Array, offset: number): number {
  for (let bit = 0; bit < 32; bit++) if ((((bytes[offset + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1) return 12 + bit;
  return 12;
}

function isWritable(masks: Masks, { dword, mask }: PlacedBehaviour): boolean {
  for (let i = 0; i < 4; i++) {
    const asked = Math.floor(mask / 256 ** i) & 0xff;
    if ((((masks.rw[dword + i] ?? 0) | (masks.rw1c[dword + i] ?? 0)) & asked) !== 0) return true;
  }
  return false;
}

function byDword(list: readonly PlacedBehaviour[], size: number): Pick<Layout, 'marked' | 'behaviours'> {
  const marked = new Uint8Array(size / 4);
  const behaviours = new Map<number, PlacedBehaviour[]>();
  for (const one of list) {
    if (one.dword >= size) continue;
    marked[one.dword >> 2] = Mark.behaves;
    const here = behaviours.get(one.dword);
    if (here === undefined) behaviours.set(one.dword, [one]);
    else here.push(one);
  }
  return { marked, behaviours };
}
