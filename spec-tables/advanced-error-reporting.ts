import type { Attribute, Condition, Field, Structure } from '../src/spec/structure.ts';
import { type CorrectableError, correctableErrors } from './correctable-errors.ts';
import { type UncorrectableError, uncorrectableErrors } from './uncorrectable-errors.ts';

const rootComplex: Condition = { portTypes: ['Root Port', 'Root Complex Event Collector'] };
const control = 'Advanced Error Capabilities and Control';
const ecsHandling: Condition = { fields: [{ register: control, field: 'RC ECS Handling Capable', equals: 1 }] };
const withSurpriseDown: Condition = {
  portTypes: ['Root Port', 'Switch Downstream Port'],
  express: [{ register: 'Link Capabilities', field: 'Surprise Down Error Reporting Capable', equals: 1 }],
};

const bitPerError = (
  errors: readonly (UncorrectableError | CorrectableError)[],
  attr: Attribute,
  reset: (error: UncorrectableError & CorrectableError) => boolean,
): readonly Field[] =>
  errors.map((error) => ({
    name: error.name,
    bits: [error.bit, error.bit] as const,
    attr,
    reset: reset(error as UncorrectableError) ? 1 : 0,
    ...('ports' in error ? { when: withSurpriseDown } : {}),
  }));

const headerLog = (index: number) =>
  ({
    name: `Header Log ${index}`,
    offset: 0x1c + 4 * index,
    width: 32,
    spec: 'PCIe 5.0 §7.8.4.8',
    fields: [{ name: 'TLP Header', bits: [31, 0], attr: 'ROS' }],
  }) as const;

const prefixLog = [
  {
    // The header log's DWORD 4 + n where the TLP was logged in flit mode.
    name: 'TLP Prefix Log {n}',
    offset: 0x0,
    width: 32,
    spec: 'PCIe 5.0 §7.8.4.12',
    fields: [{ name: 'TLP Prefix', bits: [31, 0], attr: 'ROS' }],
  },
] as const;

/**
 * Advanced Error Reporting Extended Capability: 2Ch bytes; 38h with the root registers; 48h with a prefix log; up to 60h where the
 * header log is long enough for flit mode. PCIe 5.0 §7.8.4, 6.0 §7.8.4.
 *
 * A prefix log is there where Device Capabilities 2 says End-End TLP Prefix Supported, or the header log has a size. A function
 * that is not a root port or event collector has reserved bytes, not root registers, before such a log.
 */
export const AdvancedErrorReporting = {
  name: 'Advanced Error Reporting',
  extendedCapabilityId: 0x0001,
  registers: [
    {
      name: 'Uncorrectable Error Status',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.2',
      behaviour: 'error-status',
      fields: /* @__PURE__ */ bitPerError(uncorrectableErrors, 'RW1CS', () => false),
    },
    {
      name: 'Uncorrectable Error Mask',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.3',
      fields: /* @__PURE__ */ bitPerError(uncorrectableErrors, 'RWS', (error) => error.masked === true),
    },
    {
      name: 'Uncorrectable Error Severity',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.4',
      fields: /* @__PURE__ */ bitPerError(uncorrectableErrors, 'RWS', (error) => error.fatal),
    },
    {
      name: 'Correctable Error Status',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.5',
      fields: /* @__PURE__ */ bitPerError(correctableErrors, 'RW1CS', () => false),
    },
    {
      name: 'Correctable Error Mask',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.6',
      fields: /* @__PURE__ */ bitPerError(correctableErrors, 'RWS', (error) => error.masked === true),
    },
    {
      name: 'Advanced Error Capabilities and Control',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.7',
      fields: [
        { name: 'First Error Pointer', bits: [4, 0], attr: 'ROS' },
        { name: 'ECRC Generation Capable', bits: [5, 5], attr: 'RO' },
        {
          name: 'ECRC Generation Enable',
          bits: [6, 6],
          attr: 'RWS',
          when: {
            fields: [
              { register: 'Advanced Error Capabilities and Control', field: 'ECRC Generation Capable', equals: 1 },
            ],
          },
        },
        { name: 'ECRC Check Capable', bits: [7, 7], attr: 'RO' },
        {
          name: 'ECRC Check Enable',
          bits: [8, 8],
          attr: 'RWS',
          when: {
            fields: [{ register: 'Advanced Error Capabilities and Control', field: 'ECRC Check Capable', equals: 1 }],
          },
        },
        { name: 'Multiple Header Recording Capable', bits: [9, 9], attr: 'RO' },
        {
          name: 'Multiple Header Recording Enable',
          bits: [10, 10],
          attr: 'RWS',
          when: {
            fields: [
              {
                register: 'Advanced Error Capabilities and Control',
                field: 'Multiple Header Recording Capable',
                equals: 1,
              },
            ],
          },
        },
        { name: 'TLP Prefix Log Present', bits: [11, 11], attr: 'ROS' },
        { name: 'Completion Timeout Prefix/Header Log Capable', bits: [12, 12], attr: 'HwInit' },
        // From here on PCIe 6.0; the size is in DWORDs.
        { name: 'Header Log Size', bits: [17, 13], attr: 'HwInit' },
        { name: 'Logged TLP was Flit Mode', bits: [18, 18], attr: 'ROS' },
        { name: 'Logged TLP Size', bits: [23, 19], attr: 'ROS' },
        { name: 'RC ECS Handling Capable', bits: [24, 24], attr: 'RO' },
        { name: 'Reserved', bits: [31, 25], attr: 'RsvdP' },
      ],
    },
    /* @__PURE__ */ headerLog(0),
    /* @__PURE__ */ headerLog(1),
    /* @__PURE__ */ headerLog(2),
    /* @__PURE__ */ headerLog(3),
    {
      name: 'Root Error Command',
      offset: 0x2c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.9',
      when: rootComplex,
      fields: [
        { name: 'Correctable Error Reporting Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Non-Fatal Error Reporting Enable', bits: [1, 1], attr: 'RW' },
        { name: 'Fatal Error Reporting Enable', bits: [2, 2], attr: 'RW' },
        // ECS: ERR_COR Subclass, SFW: system firmware; PCIe 6.1. That they are RW is what their names say, no source does.
        {
          name: 'ECS Legacy Handling by SFW Enable',
          bits: [3, 3],
          attr: 'RW',
          when: ecsHandling,
          otherwise: 'RsvdP',
        },
        {
          name: 'ECS SIG_SFW Handling by SFW Enable',
          bits: [4, 4],
          attr: 'RW',
          when: ecsHandling,
          otherwise: 'RsvdP',
        },
        {
          name: 'ECS SIG_OS Handling by SFW Enable',
          bits: [5, 5],
          attr: 'RW',
          when: ecsHandling,
          otherwise: 'RsvdP',
        },
        { name: 'Reserved 15:6', bits: [15, 6], attr: 'RsvdP' },
        { name: 'SFW Handling Source ID', bits: [31, 16], attr: 'RO' },
      ],
    },
    {
      name: 'Root Error Status',
      offset: 0x30,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.10',
      when: rootComplex,
      fields: [
        { name: 'ERR_COR Received', bits: [0, 0], attr: 'RW1CS' },
        { name: 'Multiple ERR_COR Received', bits: [1, 1], attr: 'RW1CS' },
        { name: 'ERR_FATAL/NONFATAL Received', bits: [2, 2], attr: 'RW1CS' },
        { name: 'Multiple ERR_FATAL/NONFATAL Received', bits: [3, 3], attr: 'RW1CS' },
        { name: 'First Uncorrectable Fatal', bits: [4, 4], attr: 'RW1CS' },
        { name: 'Non-Fatal Error Messages Received', bits: [5, 5], attr: 'RW1CS' },
        { name: 'Fatal Error Messages Received', bits: [6, 6], attr: 'RW1CS' },
        { name: 'ERR_COR Subclass', bits: [8, 7], attr: 'ROS' },
        {
          name: 'SFW Handling ERR_COR Received',
          bits: [9, 9],
          attr: 'RW1CS',
          when: ecsHandling,
          otherwise: 'RsvdZ',
        },
        {
          name: 'Multiple SFW Handling ERR_COR Received',
          bits: [10, 10],
          attr: 'RW1CS',
          when: ecsHandling,
          otherwise: 'RsvdZ',
        },
        { name: 'Reserved', bits: [26, 11], attr: 'RsvdZ' },
        { name: 'Advanced Error Interrupt Message Number', bits: [31, 27], attr: 'RO' },
      ],
    },
    {
      name: 'Error Source Identification',
      offset: 0x34,
      width: 32,
      spec: 'PCIe 5.0 §7.8.4.11',
      when: rootComplex,
      fields: [
        { name: 'ERR_COR Source Identification', bits: [15, 0], attr: 'ROS' },
        { name: 'ERR_FATAL/NONFATAL Source Identification', bits: [31, 16], attr: 'ROS' },
      ],
    },
  ],
  blocks: [
    {
      when: {
        fields: [{ register: control, field: 'Header Log Size', equals: 0 }],
        express: [{ register: 'Device Capabilities 2', field: 'End-End TLP Prefix Supported', equals: 1 }],
      },
      offset: 0x38,
      count: 4,
      registers: prefixLog,
    },
    {
      offset: 0x38,
      count: { register: control, field: 'Header Log Size', plus: -4 },
      registers: prefixLog,
    },
  ],
} as const satisfies Structure;
