/** Capabilities at the end of their space: one whose registers all lie within it is there, one that runs past it is not. */
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import type { Layout } from '../../src/config/layout.ts';
import { decodeFunction } from '../../src/formats/decode.ts';

/** A Type 1 function with one standard capability; and where `extended` is given, a serial number at 100h and one capability more. */
function bridge(
  standard: { at: number; bytes: readonly number[] },
  size: number,
  extended?: [at: number, dword: number],
) {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x86, 0x80, 0x01, 0x19], 0);
  bytes[0x06] = 0x10;
  bytes[0x0e] = 1;
  bytes[0x34] = standard.at;
  bytes.set(standard.bytes, standard.at);
  if (extended !== undefined) {
    view.setUint32(0x100, 0x00010003 | (extended[0] << 20), true);
    view.setUint32(extended[0], extended[1], true);
  }
  return bytes;
}

const ROOT_PORT = 0x4;
const SWITCH_UPSTREAM = 0x5;
const express = (at: number, version: number, type: number, slot = 0) => ({
  at,
  bytes: [0x10, 0, version | (type << 4), slot],
});

type Place = keyof Pick<Layout, 'pciExpress' | 'powerManagement' | 'msi' | 'msiX' | 'aer' | 'dpc' | 'sriov'>;

function check(bytes: Uint8Array, place: Place, at: number, fits: boolean) {
  const { layout } = new ConfigArena([{ segment: 0, routingId: 0xe0, bytes }]);
  const [{ problems }] = [layout[0]!];
  const expected = fits ? [] : [{ offset: at, text: expect.stringContaining('runs beyond its space') }];
  expect({ at: layout[0]![place], problems }).toEqual({ at: fits ? at : 0, problems: expected });
  expect(decodeFunction(bytes).problems).toEqual(expected);
}

describe('a standard capability', () => {
  it.each<[string, Place, { at: number; bytes: readonly number[] }, boolean]>([
    ['PCI Express 1, root port, no slot: 24h bytes', 'pciExpress', express(0xdc, 1, ROOT_PORT), true],
    ['PCI Express 1, root port, 4 bytes later', 'pciExpress', express(0xe0, 1, ROOT_PORT), false],
    ['PCI Express 1, switch port: 14h bytes', 'pciExpress', express(0xec, 1, SWITCH_UPSTREAM), true],
    ['PCI Express 1, switch port with a slot: 1Ch bytes', 'pciExpress', express(0xe4, 1, SWITCH_UPSTREAM, 1), true],
    ['PCI Express 1, switch port with a slot, later', 'pciExpress', express(0xec, 1, SWITCH_UPSTREAM, 1), false],
    ['PCI Express 2, root port with a slot: 3Ch bytes', 'pciExpress', express(0xc4, 2, ROOT_PORT, 1), true],
    ['PCI Express 2, root port with a slot, 4 bytes later', 'pciExpress', express(0xc8, 2, ROOT_PORT, 1), false],
    ['PCI Express 2, where a function begins next', 'pciExpress', express(0xfc, 2, ROOT_PORT), false],
    ['Power Management, 8 bytes', 'powerManagement', { at: 0xf8, bytes: [0x01] }, true],
    ['Power Management, 4 bytes later', 'powerManagement', { at: 0xfc, bytes: [0x01] }, false],
    ['MSI, 10 bytes', 'msi', { at: 0xf4, bytes: [0x05] }, true],
    ['MSI with a 64-bit address, 14 bytes', 'msi', { at: 0xf4, bytes: [0x05, 0, 0x80] }, false],
    ['MSI with masking and a 64-bit address, 24 bytes', 'msi', { at: 0xe8, bytes: [0x05, 0, 0x80, 0x01] }, true],
    ['MSI with masking and a 64-bit address, later', 'msi', { at: 0xec, bytes: [0x05, 0, 0x80, 0x01] }, false],
    ['MSI-X, 12 bytes', 'msiX', { at: 0xf4, bytes: [0x11] }, true],
    ['MSI-X, 4 bytes later', 'msiX', { at: 0xf8, bytes: [0x11] }, false],
  ])('%s', (_, place, standard, fits) => {
    // Extended space does not lengthen that of standard capabilities.
    for (const size of [256, 4096]) check(bridge(standard, size), place, standard.at, fits);
  });
});

describe('an extended capability', () => {
  it.each<[string, Place, number, number, number, boolean]>([
    ['AER of a root port, 38h bytes', 'aer', ROOT_PORT, 0x10001, 0xfc8, true],
    ['AER of a root port, later', 'aer', ROOT_PORT, 0x10001, 0xfcc, false],
    ['AER of a switch port, 2Ch bytes', 'aer', SWITCH_UPSTREAM, 0x10001, 0xfd4, true],
    ['AER of a switch port, later', 'aer', SWITCH_UPSTREAM, 0x10001, 0xfd8, false],
    ['DPC, 0Ch bytes', 'dpc', ROOT_PORT, 0x1001d, 0xff4, true],
    ['DPC, later', 'dpc', ROOT_PORT, 0x1001d, 0xff8, false],
    ['SR-IOV, 40h bytes', 'sriov', ROOT_PORT, 0x10010, 0xfc0, true],
    ['SR-IOV, later', 'sriov', ROOT_PORT, 0x10010, 0xfc4, false],
  ])('%s', (_, place, type, dword, at, fits) => {
    check(bridge(express(0x40, 2, type), 4096, [at, dword]), place, at, fits);
  });
});

it('does not act on a capability that runs past the end', () => {
  // VPD: an address, and the data that a write of it would read from the store, beyond the space.
  const vpd = bridge({ at: 0xfc, bytes: [0x03] }, 256);
  const arena = new ConfigArena([{ segment: 0, routingId: 0xe0, bytes: vpd }]);
  arena.write(0, 0xfe, 2, 0x0004);
  // A DOE mailbox of which only the header and the capabilities are there.
  const doe = bridge(express(0x40, 2, ROOT_PORT), 4096, [0xff8, 0x1002e]);
  const other = new ConfigArena([{ segment: 0, routingId: 0xe0, bytes: doe }]);
  other.reset(0, 'hot');
  expect([...other.space(0).subarray(0xff8)]).toEqual([0x2e, 0, 1, 0, 0, 0, 0, 0]);
  // Initiate Function Level Reset, with its register and without all of its capability.
  const flr = bridge(express(0xf4, 2, 0), 256);
  const third = new ConfigArena([{ segment: 0, routingId: 0xe0, bytes: flr }]);
  third.write(0, 0x04, 2, 0x0004);
  third.write(0, 0xfc, 2, 0x8000);
  expect(third.command(0)).toBe(0x0004);
});

it('has no VF BARs of an SR-IOV Capability that runs past the end', () => {
  for (const at of [0xfc0, 0xfc4]) {
    const bytes = bridge(express(0x40, 2, ROOT_PORT), 4096, [at, 0x10010]);
    new DataView(bytes.buffer).setUint32(at + 0x24, 0xf0000000, true);
    const { layout } = new ConfigArena([{ segment: 0, routingId: 0xe0, bytes }]);
    expect(layout[0]!.vfBars).toHaveLength(at === 0xfc0 ? 1 : 0);
  }
});
