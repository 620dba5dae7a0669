import type { Condition, Field, Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength, dvsecRevision } from './dvsec-header.ts';

const ranges = (count: number): Condition => ({
  fields: [{ register: 'CXL Device Capability', field: 'HDM Count', atLeast: count }],
});

/** Both ranges'. */
const rangeSizeLow = [
  { name: 'Memory Info Valid', bits: [0, 0], attr: 'RO' },
  { name: 'Memory Active', bits: [1, 1], attr: 'RO' },
  { name: 'Media Type', bits: [4, 2], attr: 'RO' },
  { name: 'Memory Class', bits: [7, 5], attr: 'RO' },
  { name: 'Desired Interleave', bits: [12, 8], attr: 'RO' },
  { name: 'Memory Active Timeout', bits: [15, 13], attr: 'RO' },
  { name: 'Memory Active Degraded', bits: [16, 16], attr: 'RO' },
  { name: 'Reserved', bits: [27, 17], attr: 'RsvdP' },
  { name: 'Memory Size Low', bits: [31, 28], attr: 'HwInit' },
] as const satisfies readonly Field[];

/**
 * CXL DVSEC for Devices: 38h bytes, 3Ch from revision 2 on. CXL 3.1 §8.1.3.
 * The controls can be written whatever the device is capable of: so in QEMU (7.2, masks 4FFDh and Fh) and in Linux's emulation for guests
 * (drivers/vfio, CXL 4.0), which are the sources here; a device that lacks the capability may well hardwire them.
 * In hardware CONFIG_LOCK makes the control, the lock itself and the bases read-only until a reset; no attribute says that, so it does
 * nothing here.
 */
export const CxlDevice = {
  name: 'CXL Device',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0000 },
  length: dvsecLength,
  versionField: dvsecRevision,
  registers: [
    ...dvsecHeader,
    {
      name: 'CXL Device Capability',
      offset: 0x0a,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.1',
      fields: [
        { name: 'Cache Capable', bits: [0, 0], attr: 'RO' },
        { name: 'IO Capable', bits: [1, 1], attr: 'RO', reset: 1 },
        { name: 'Mem Capable', bits: [2, 2], attr: 'RO' },
        { name: 'Mem HwInit Mode', bits: [3, 3], attr: 'RO' },
        { name: 'HDM Count', bits: [5, 4], attr: 'RO' },
        { name: 'Cache Writeback and Invalidate Capable', bits: [6, 6], attr: 'RO' },
        { name: 'CXL Reset Capable', bits: [7, 7], attr: 'RO' },
        { name: 'CXL Reset Timeout', bits: [10, 8], attr: 'RO' },
        { name: 'CXL Reset Mem Clr Capable', bits: [11, 11], attr: 'RO' },
        { name: 'TSP Capable', bits: [12, 12], attr: 'RO' },
        { name: 'Multiple Logical Device', bits: [13, 13], attr: 'RO' },
        { name: 'Viral Capable', bits: [14, 14], attr: 'RO' },
        { name: 'PM Init Completion Reporting Capable', bits: [15, 15], attr: 'RO' },
      ],
    },
    {
      name: 'CXL Device Control',
      offset: 0x0c,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.2',
      fields: [
        { name: 'Cache Enable', bits: [0, 0], attr: 'RW' },
        { name: 'IO Enable', bits: [1, 1], attr: 'RO', reset: 1 },
        { name: 'Mem Enable', bits: [2, 2], attr: 'RW' },
        { name: 'Cache SF Coverage', bits: [7, 3], attr: 'RW' },
        { name: 'Cache SF Granularity', bits: [10, 8], attr: 'RW' },
        { name: 'Cache Clean Eviction', bits: [11, 11], attr: 'RW' },
        { name: 'Reserved 13:12', bits: [13, 12], attr: 'RsvdP' },
        { name: 'Viral Enable', bits: [14, 14], attr: 'RW' },
        { name: 'Reserved', bits: [15, 15], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CXL Device Status',
      offset: 0x0e,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.3',
      fields: [
        { name: 'Reserved 13:0', bits: [13, 0], attr: 'RsvdZ' },
        { name: 'Viral Status', bits: [14, 14], attr: 'RW1CS' },
        { name: 'Reserved', bits: [15, 15], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'CXL Device Control 2',
      offset: 0x10,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.4',
      fields: [
        { name: 'Disable Caching', bits: [0, 0], attr: 'RW' },
        { name: 'Initiate Cache Write Back and Invalidation', bits: [1, 1], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'Initiate CXL Reset', bits: [2, 2], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'CXL Reset Mem Clr Enable', bits: [3, 3], attr: 'RW' },
      ],
    },
    {
      name: 'CXL Device Status 2',
      offset: 0x12,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.5',
      fields: [
        { name: 'Cache Invalid', bits: [0, 0], attr: 'RO' },
        { name: 'CXL Reset Complete', bits: [1, 1], attr: 'RO' },
        { name: 'CXL Reset Error', bits: [2, 2], attr: 'RO' },
        { name: 'Power Management Initialization Complete', bits: [15, 15], attr: 'RO' },
      ],
    },
    {
      name: 'CXL Device Lock',
      offset: 0x14,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.6',
      fields: [
        { name: 'CONFIG_LOCK', bits: [0, 0], attr: 'RW' },
        { name: 'Reserved', bits: [15, 1], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CXL Device Capability 2',
      offset: 0x16,
      width: 16,
      spec: 'CXL 3.1 §8.1.3.7',
      fields: [
        { name: 'Cache Size Unit', bits: [3, 0], attr: 'RO' },
        { name: 'Cache Size', bits: [15, 8], attr: 'RO' },
      ],
    },
    {
      name: 'CXL Range 1 Size High',
      offset: 0x18,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: [{ name: 'Memory Size High', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'CXL Range 1 Size Low',
      offset: 0x1c,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: rangeSizeLow,
    },
    {
      name: 'CXL Range 1 Base High',
      offset: 0x20,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: [{ name: 'Memory Base High', bits: [31, 0], attr: 'RW', when: ranges(1) }],
    },
    {
      name: 'CXL Range 1 Base Low',
      offset: 0x24,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: [
        { name: 'Reserved', bits: [27, 0], attr: 'RsvdP' },
        { name: 'Memory Base Low', bits: [31, 28], attr: 'RW', when: ranges(1) },
      ],
    },
    {
      name: 'CXL Range 2 Size High',
      offset: 0x28,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: [{ name: 'Memory Size High', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'CXL Range 2 Size Low',
      offset: 0x2c,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: rangeSizeLow,
    },
    {
      name: 'CXL Range 2 Base High',
      offset: 0x30,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: [{ name: 'Memory Base High', bits: [31, 0], attr: 'RW', when: ranges(2) }],
    },
    {
      name: 'CXL Range 2 Base Low',
      offset: 0x34,
      width: 32,
      spec: 'CXL 3.1 §8.1.3.8',
      fields: [
        { name: 'Reserved', bits: [27, 0], attr: 'RsvdP' },
        { name: 'Memory Base Low', bits: [31, 28], attr: 'RW', when: ranges(2) },
      ],
    },
    // No public source gives its fields.
    {
      name: 'CXL Device Capability 3',
      offset: 0x38,
      width: 16,
      spec: 'CXL 3.1 §8.1.3',
      when: { version: { atLeast: 2 } },
      fields: [],
    },
  ],
} as const satisfies Structure;
