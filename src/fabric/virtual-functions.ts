/**
 * Virtual Functions: where they are, what their bytes are at first, and how they join the machine. VF Enable brings NumVFs of them,
 * at First VF Offset and VF Stride from their PF. PCIe 5.0 §9.2.1, §9.3.3.
 */
import type { ConfigArena } from '../config/arena.ts';
import type { FunctionImage } from '../config/function-image.ts';
import { byteOwners } from '../config/judged-bytes.ts';
import * as C from '../spec/constants.ts';

/** Standard capabilities that a VF has as its PF has them. What else a real VF has, no register of the PF says. */
const sharedCapabilities: readonly number[] = [C.CAPABILITY_ID_PCI_EXPRESS, C.CAPABILITY_ID_MSI, C.CAPABILITY_ID_MSI_X];
const sharedExtendedCapabilities: readonly number[] = [
  C.EXTENDED_CAPABILITY_ID_ADVANCED_ERROR_REPORTING,
  C.EXTENDED_CAPABILITY_ID_ALTERNATIVE_ROUTING_ID_INTERPRETATION,
  C.EXTENDED_CAPABILITY_ID_ACCESS_CONTROL_SERVICES,
  C.EXTENDED_CAPABILITY_ID_ADDRESS_TRANSLATION_SERVICES,
  C.EXTENDED_CAPABILITY_ID_TPH_REQUESTER,
];

const FIRST_EXTENDED = 0x100;
const FLR_CAPABLE = C.DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET_CAPABILITY;

/** Routing ID of a PF's VF: of the place where the PF was found. @param number 1 to TotalVFs */
export function virtualRoutingId(arena: ConfigArena, physical: number, number: number): number {
  const { sriov } = arena.layout[physical]!;
  const offset =
    arena.u16(physical, sriov + C.FIRST_VF_OFFSET) + (number - 1) * arena.u16(physical, sriov + C.VF_STRIDE);
  return (arena.routingId[physical]! + offset) & 0xffff;
}

/** VFs that are enabled: NumVFs, as far as TotalVFs goes; 0 without VF Enable. PCIe 5.0 §9.3.3.7. */
export function enabledVirtualFunctions(arena: ConfigArena, physical: number): number {
  const { sriov } = arena.layout[physical]!;
  if ((arena.u16(physical, sriov + C.SR_IOV_CONTROL) & C.SR_IOV_CONTROL_VF_ENABLE) === 0) return 0;
  return Math.min(arena.u16(physical, sriov + C.NUMVFS), arena.u16(physical, sriov + C.TOTALVFS));
}

/** Makes the functions of a dump that are VFs of one of its PFs known as such. */
export function linkVirtualFunctions(arena: ConfigArena): void {
  for (let physical = 0; physical < arena.count; physical++) {
    const { sriov } = arena.layout[physical]!;
    if (sriov === 0) continue;
    const total = arena.u16(physical, sriov + C.TOTALVFS);
    for (let number = 1; number <= total; number++) {
      const fn = arena.find(arena.segment[physical]!, virtualRoutingId(arena, physical, number));
      if (fn >= 0 && arena.layout[fn]!.isVirtual) arena.virtualFunctions.set(fn, { physical, number });
    }
  }
}

/**
 * After VF Enable has risen: the VFs that are not there yet are added, those of an earlier time start afresh.
 * @returns the functions that were added
 */
export function enableVirtualFunctions(arena: ConfigArena, physical: number): number[] {
  const count = enabledVirtualFunctions(arena, physical);
  const first = arena.count;
  const images: FunctionImage[] = [];
  const numbers: number[] = [];
  for (let number = 1; number <= count; number++) {
    const routingId = virtualRoutingId(arena, physical, number);
    const fn = arena.find(arena.segment[physical]!, routingId);
    // A stride of 0, or one that comes round, gives one number to several: the first has it.
    if (fn < 0 && images.some((image) => image.routingId === routingId)) continue;
    if (fn < 0) {
      images.push(virtualFunction(arena, physical, routingId));
      numbers.push(number);
    } else if (arena.virtualFunctions.get(fn)?.physical === physical) {
      arena.reset(fn, 'fundamental');
      arena.captureBus(fn, routingId >> 8);
    }
  }
  arena.add(images);
  return numbers.map((number, i) => {
    const fn = first + i;
    arena.virtualFunctions.set(fn, { physical, number });
    arena.reset(fn, 'fundamental');
    arena.captureBus(fn, arena.routingId[fn]! >> 8);
    return fn;
  });
}

/**
 * A VF's bytes: IDs read all ones, no BARs, no interrupt pin; its PF's class, revision and subsystem, and the shared capabilities in
 * the PF's places, with function level reset. PCIe 5.0 §9.3.4, §9.3.5.
 */
function virtualFunction(arena: ConfigArena, physical: number, routingId: number): FunctionImage {
  const pf = arena.space(physical);
  const { capabilities, pciExpress, rw, rw1c } = arena.layout[physical]!;
  const owners = byteOwners(pf, capabilities);
  const bytes = new Uint8Array(pf.length);
  const copy = (offset: number, length = 1) => bytes.set(pf.subarray(offset, offset + length), offset);
  bytes.fill(0xff, C.VENDOR_ID, C.VENDOR_ID + 4);
  bytes[C.STATUS] = C.STATUS_CAPABILITIES_LIST;
  copy(C.REVISION_ID, 4);
  copy(C.SUBSYSTEM_VENDOR_ID, 4);
  let link = C.CAPABILITIES_POINTER;
  // A Null Capability at 100h, where the list starts, unless another takes its place.
  let extendedLink = FIRST_EXTENDED;
  for (const { offset, id, extended } of capabilities) {
    if (!(extended ? sharedExtendedCapabilities : sharedCapabilities).includes(id)) continue;
    for (let at = offset; at < bytes.length; at++) {
      const owner = owners[at];
      if (typeof owner !== 'object' || owner.at !== offset) continue;
      // What software has written to the PF is not in the VF; its own reset values come with its first reset.
      bytes[at] = pf[at]! & ~(rw[at]! | rw1c[at]!);
    }
    if (extended) {
      copy(offset, 3);
      bytes[offset + 2]! &= 0x0f;
      if (offset !== FIRST_EXTENDED) {
        bytes[extendedLink + 2]! |= (offset << 4) & 0xf0;
        bytes[extendedLink + 3] = offset >> 4;
      }
      extendedLink = offset;
    } else {
      copy(offset);
      bytes[link] = offset;
      link = offset + 1;
    }
  }
  // Invalidations of a VF go into its PF's queue.
  const ats = capabilities.find(
    ({ id, extended }) => extended && id === C.EXTENDED_CAPABILITY_ID_ADDRESS_TRANSLATION_SERVICES,
  );
  if (ats !== undefined) bytes[ats.offset + C.ATS_CAPABILITY]! &= ~C.ATS_CAPABILITY_INVALIDATE_QUEUE_DEPTH;
  if (pciExpress !== 0) bytes[pciExpress + C.DEVICE_CAPABILITIES + 3]! |= FLR_CAPABLE >>> 24;
  return { segment: arena.segment[physical]!, routingId, bytes };
}
