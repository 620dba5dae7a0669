/**
 * The tables against Linux's own names for the same bits: every macro of pci_regs.h is matched by a table row, or waived.
 * It runs where the header of the kernel is installed; `ROOTPORT_PCI_REGS` names another one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { walkCapabilities } from '../../../src/config/capabilities.ts';
import { accountFor } from './account.ts';
import { commandOf } from './hypertransport-types.ts';
import { macrosOf } from './macros.ts';

const path = process.env.ROOTPORT_PCI_REGS ?? '/usr/include/linux/pci_regs.h';
const isInstalled = existsSync(path);

it.skipIf(process.env.ROOTPORT_PCI_REGS === undefined)('ROOTPORT_PCI_REGS names a file', () => {
  expect(isInstalled, path).toBe(true);
});

describe.skipIf(!isInstalled)(`${path} (skipped where it is not installed)`, () => {
  const macros = isInstalled ? macrosOf(readFileSync(path, 'utf8')) : [];
  const named = (name: string) => macros.find((macro) => macro.name === name)!;
  const value = (name: string, argument = 0) => named(name).valueAt(argument);

  it('is read', () => {
    expect(macros.length).toBeGreaterThan(900);
    expect(new Set(macros.map(({ name }) => name)).size).toBe(macros.length);
    expect(value('PCI_COMMAND_MASTER')).toBe(4);
    expect(value('PCI_IO_RANGE_MASK')).toBe(0xfffffff0);
    expect(value('PCI_CAP_ID_MAX')).toBe(0x14);
    expect(value('PCI_ARI_CAP_NFN', 0x1234)).toBe(0x12);
  });

  it('has no macro that a table row does not match, but the waived', () => {
    const problems = accountFor(macros).filter(({ problem }) => problem !== undefined);
    expect(problems.map(({ macro, problem }) => `${macro}: ${problem}`)).toEqual([]);
  });

  it('is compared, not waived, for the most part', () => {
    const kinds = accountFor(macros).map(({ kind }) => kind);
    const share = (kind: string) => kinds.filter((candidate) => candidate === kind).length / kinds.length;
    expect(share('field')).toBeGreaterThan(0.4);
    expect(share('offset')).toBeGreaterThan(0.2);
    expect(share('waived')).toBeLessThan(0.1);
  });

  it('has the capability headers that are walked', () => {
    const bytes = new Uint8Array(4096);
    bytes[value('PCI_STATUS')] = value('PCI_STATUS_CAP_LIST');
    bytes[value('PCI_CAPABILITY_LIST')] = 0x40;
    bytes[0x40 + value('PCI_CAP_LIST_ID')] = value('PCI_CAP_ID_VNDR');
    bytes[0x40 + value('PCI_CAP_LIST_NEXT')] = 0x50;
    bytes[0x50 + value('PCI_CAP_LIST_ID')] = value('PCI_CAP_ID_EXP');
    const [first, second] = [0x20090001, 0x00010003];
    new DataView(bytes.buffer).setUint32(0x100, first, true);
    new DataView(bytes.buffer).setUint32(value('PCI_EXT_CAP_NEXT', first), second, true);
    const extended = (offset: number, header: number) => ({
      offset,
      id: value('PCI_EXT_CAP_ID', header),
      version: value('PCI_EXT_CAP_VER', header),
      extended: true,
    });
    expect(walkCapabilities(bytes)).toEqual({
      entries: [
        { offset: 0x40, id: 0x09, version: 0, extended: false },
        { offset: 0x50, id: 0x10, version: 0, extended: false },
        extended(0x100, first),
        extended(0x200, second),
      ],
      problems: [],
    });
  });

  it('has HyperTransport types with a command register each', () => {
    const types = macros.filter(({ name }) => /^HT_CAPTYPE_/.test(name)).map(({ valueAt }) => valueAt(0));
    expect(types.length).toBeGreaterThan(12);
    // The two address remappings are one capability with a map type.
    expect(new Set(types.map(commandOf)).size).toBe(types.length - 1);
  });
});
