/** Which structures a function has, and where: its header, and each capability that has a table. */

import {
  CAPABILITY_ID_PCI_EXPRESS,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  LINK_CAPABILITIES,
  LINK_CAPABILITIES_MAXIMUM_LINK_WIDTH,
  PCI_EXPRESS_CAPABILITIES,
} from '../spec/constants.ts';
import { expandStructure } from '../spec/expand.ts';
import type { Structure } from '../spec/structure.ts';
import { structures } from '../spec/structures.ts';
import type { CapabilityEntry } from './capabilities.ts';
import { u16At } from './little-endian.ts';

export interface PlacedStructure {
  /** Its blocks written out for this function. */
  readonly structure: Structure;
  readonly at: number;
}

/** Stand in for a Device/Port Type. */
export const NOT_EXPRESS = -1;
export const UNKNOWN_PORT = -2;

const EXTENDED_CAPABILITY_ID_DVSEC = 0x0023;
const DVSEC_VENDOR = 4;
const DVSEC_ID = 8;

let tables:
  | { headers: Structure[]; standard: Map<number, Structure>; extended: Map<number, Structure>; dvsecs: Structure[] }
  | undefined;

/** Looked up by ID; made at the first use, so that a bundle without config space holds no tables. */
function lookup() {
  tables ??= {
    headers: structures.filter((structure) => structure.headerType !== undefined),
    standard: new Map(
      structures.flatMap((structure) =>
        structure.capabilityId === undefined ? [] : [[structure.capabilityId, structure]],
      ),
    ),
    extended: new Map(
      structures.flatMap((structure) =>
        structure.extendedCapabilityId === undefined || structure.dvsec !== undefined
          ? []
          : [[structure.extendedCapabilityId, structure]],
      ),
    ),
    dvsecs: structures.filter((structure) => structure.dvsec !== undefined),
  };
  return tables;
}

/** The table for a capability; undefined where there is none. */
export function structureOf(bytes: Uint8Array, { id, offset, extended }: CapabilityEntry): Structure | undefined {
  if (!extended) return lookup().standard.get(id);
  if (id === EXTENDED_CAPABILITY_ID_DVSEC) {
    const vendor = u16At(bytes, offset + DVSEC_VENDOR);
    const dvsecId = u16At(bytes, offset + DVSEC_ID);
    const known = lookup().dvsecs.find(({ dvsec }) => dvsec?.vendor === vendor && dvsec.id === dvsecId);
    if (known !== undefined) return known;
  }
  return lookup().extended.get(id);
}

/** Where the PCI Express Capability is; 0 where there is none. */
export function expressOf(entries: readonly CapabilityEntry[]): number {
  return entries.find(({ id, extended }) => id === CAPABILITY_ID_PCI_EXPRESS && !extended)?.offset ?? 0;
}

/** Device/Port Type code, or NOT_EXPRESS where there is no PCI Express Capability. */
export function portTypeOf(bytes: Uint8Array, entries: readonly CapabilityEntry[]): number {
  const express = expressOf(entries);
  return express === 0 ? NOT_EXPRESS : (bytes[express + PCI_EXPRESS_CAPABILITIES] ?? 0) >> 4;
}

/** Maximum Link Width of the PCI Express Capability at `express`; 0 without one. */
export function lanesOf(bytes: Uint8Array, express: number): number {
  if (express === 0) return 0;
  return (u16At(bytes, express + LINK_CAPABILITIES) & LINK_CAPABILITIES_MAXIMUM_LINK_WIDTH) >> 4;
}

/**
 * The header's structure first, then the capabilities' in the order of the lists.
 * @param bytes one function's space, 256 or 4,096 bytes
 */
export function placedStructures(bytes: Uint8Array, entries: readonly CapabilityEntry[]): PlacedStructure[] {
  const portType = portTypeOf(bytes, entries);
  const express = expressOf(entries);
  const lanes = lanesOf(bytes, express);
  const placed: PlacedStructure[] = [];
  const place = (structure: Structure | undefined, offset: number) => {
    if (structure !== undefined)
      placed.push({
        structure: expandStructure(structure, { bytes, at: offset, portType, express, lanes }),
        at: offset,
      });
  };
  const type = bytes[HEADER_TYPE]! & HEADER_TYPE_HEADER_LAYOUT;
  place(
    lookup().headers.find(({ headerType }) => headerType === type),
    0,
  );
  for (const entry of entries) place(structureOf(bytes, entry), entry.offset);
  return placed;
}
