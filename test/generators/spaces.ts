/** Configuration spaces with every structure of the tables in any subset, in fixed places, filled with any bytes. */
import fc from 'fast-check';
import {
  AccessControlServices,
  AdvancedErrorReporting,
  DownstreamPortContainment,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
  SingleRootIoVirtualization,
  SubsystemIdCapability,
  Type0Header,
  Type1Header,
  Type2Header,
} from '../../spec-tables/index.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import { expandStructure } from '../../src/spec/expand.ts';
import type { Structure } from '../../src/spec/structure.ts';

export interface Space {
  readonly bytes: Uint8Array;
  readonly placed: readonly { readonly structure: Structure; readonly at: number }[];
}

const standard: readonly (readonly [Structure, number])[] = [
  [PowerManagementCapability, 0x40],
  [MsiCapability, 0x50],
  [MsiXCapability, 0x70],
  [PciExpressCapability, 0x80],
  [SubsystemIdCapability, 0xc0],
];
/** Far enough apart for what their own bytes can make of their lengths. */
const extended: readonly (readonly [Structure, number])[] = [
  [AdvancedErrorReporting, 0x100],
  [DownstreamPortContainment, 0x200],
  [AccessControlServices, 0x2a0],
];

const anyBytes = fc
  .tuple(fc.uint8Array({ minLength: 768, maxLength: 768 }), fc.constantFrom(0x00, 0xff, 0xa5))
  .map(([some, rest]) => {
    const bytes = new Uint8Array(4096).fill(rest);
    bytes.set(some);
    return bytes;
  });

/** BARs and ROM hold zero, since random bytes there would be BARs of random sizes; sizing is tested in config/bars.test.ts. */
export const anySpace: fc.Arbitrary<Space> = fc
  .record({
    bytes: anyBytes,
    headerType: fc.constantFrom(0, 1),
    portType: fc.constantFrom(...Object.values(portTypes).filter((code) => code >= 0)),
    version: fc.constantFrom(1, 2),
    standard: fc.subarray([...standard]),
    // The first extended capability is at 100h, so AER is there or none is.
    extended: fc.subarray(extended.slice(1)).chain((rest) => fc.constantFrom([], [extended[0]!, ...rest])),
  })
  .map((drawn) => {
    // Only PCI Express has an extended list.
    const express = drawn.standard.some(([structure]) => structure === PciExpressCapability);
    return express ? drawn : { ...drawn, extended: [] };
  })
  .map((drawn) => {
    const { bytes, headerType } = drawn;
    const placed: { structure: Structure; at: number }[] = [
      { structure: headerType === 0 ? Type0Header : Type1Header, at: 0 },
    ];
    bytes[0x0e] = headerType | (bytes[0x0e]! & 0x80);
    bytes.fill(0, 0x10, headerType === 0 ? 0x28 : 0x18);
    bytes.fill(0, headerType === 0 ? 0x30 : 0x38, headerType === 0 ? 0x34 : 0x3c);
    bytes[0x06] = drawn.standard.length > 0 ? bytes[0x06]! | 0x10 : bytes[0x06]! & ~0x10;
    bytes.fill(0, 0x40, 0xd0);
    bytes.set(
      drawn.bytes.slice(0x140, 0x1d0).map((byte, i) => byte ^ (i * 29)),
      0x40,
    );
    let link = 0x34;
    for (const [structure, at] of drawn.standard) {
      bytes[link] = at | (bytes[link]! & 3);
      bytes[at] = structure.capabilityId!;
      link = at + 1;
      placed.push({ structure, at });
      if (structure === PciExpressCapability) bytes[at + 2] = drawn.version | (drawn.portType << 4);
    }
    bytes[link] = drawn.standard.length > 0 ? bytes[link]! & 3 : bytes[link]!;
    bytes.fill(0, 0x100, 0x104);
    drawn.extended.forEach(([structure, at], i) => {
      const next = drawn.extended[i + 1]?.[1] ?? 0;
      new DataView(bytes.buffer).setUint32(at, structure.extendedCapabilityId! | 0x10000 | (next << 20), true);
      placed.push({ structure, at });
    });
    const portType = drawn.standard.some(([structure]) => structure === PciExpressCapability) ? drawn.portType : -1;
    const express = placed.find(({ structure }) => structure === PciExpressCapability)?.at ?? 0;
    const context = { bytes, portType, express, lanes: 0 };
    return {
      bytes,
      placed: placed.map(({ structure, at }) => ({ structure: expandStructure(structure, { ...context, at }), at })),
    };
  });

/**
 * Spaces with this one structure, and the PCI Express Capability beside it, filled with any bytes: its counts and conditions take
 * any value. What random counts make may overlap.
 */
export function spaceWith(structure: Structure): fc.Arbitrary<Space> {
  const isExpress = structure === PciExpressCapability;
  return fc
    .record({
      bytes: anyBytes,
      headerType: structure.headerType === undefined ? fc.constantFrom(0, 1) : fc.constant(structure.headerType),
      portType: fc.constantFrom(...Object.values(portTypes).filter((code) => code >= 0)),
      version: fc.constantFrom(1, 2),
      // An extended capability has one beside it always.
      express: structure.capabilityId === undefined ? fc.constant(true) : fc.boolean(),
    })
    .map(({ bytes, headerType, portType, version, express }) => {
      const view = new DataView(bytes.buffer);
      const header = headerType === 0 ? Type0Header : headerType === 1 ? Type1Header : Type2Header;
      const placed: { structure: Structure; at: number }[] = [{ structure: header, at: 0 }];
      bytes[0x0e] = headerType | (bytes[0x0e]! & 0x80);
      if (headerType < 2) {
        bytes.fill(0, 0x10, headerType === 0 ? 0x28 : 0x18);
        bytes.fill(0, headerType === 0 ? 0x30 : 0x38, headerType === 0 ? 0x34 : 0x3c);
      }
      // VF BARs, as BARs, have no size yet.
      if (structure === SingleRootIoVirtualization) bytes.fill(0, 0x124, 0x13c);
      bytes[0x06]! |= 0x10;
      let link = headerType === 2 ? 0x14 : 0x34;
      const list = (one: Structure, at: number) => {
        bytes[link] = at;
        bytes[at] = one.capabilityId!;
        link = at + 1;
        placed.push({ structure: one, at });
      };
      if (structure.capabilityId !== undefined) list(structure, 0x48);
      const expressAt = isExpress ? 0x48 : 0xc0;
      if (express && !isExpress) list(PciExpressCapability, expressAt);
      bytes[link] = 0;
      const isThere = express || isExpress;
      if (isThere) bytes[expressAt + 2] = version | (portType << 4);
      view.setUint32(0x100, 0, true);
      if (structure.extendedCapabilityId !== undefined) {
        const ownVersion = bytes[0x102]! & 0xf;
        view.setUint32(0x100, structure.extendedCapabilityId + ownVersion * 0x10000, true);
        placed.push({ structure, at: 0x100 });
        if (structure.dvsec !== undefined) {
          view.setUint16(0x104, structure.dvsec.vendor, true);
          view.setUint16(0x108, structure.dvsec.id, true);
        }
      }
      const lanes = isThere ? (view.getUint16(expressAt + 0x0c, true) >> 4) & 0x3f : 0;
      const context = { bytes, portType: isThere ? portType : -1, express: isThere ? expressAt : 0, lanes };
      return {
        bytes,
        placed: placed.map(({ structure: one, at }) => ({ structure: expandStructure(one, { ...context, at }), at })),
      };
    });
}
