/**
 * The lines of Linux's AER driver, against lines of real machines as people have posted them. Sources, a case each: linux-pci, "PCI/PTM: Enable
 * PTM only if device supports it" (00:07.1); GitHub archfan/coreboot issue 2 (00:1c.1); GitHub Dasharo/coreboot pull request 815
 * (06:00.0); linux-pci, "PCI/DPC: report uncorrectable errors" (0015:01:00.0, the header words); Documentation/PCI/pcieaer-howto.rst
 * (50:00.0).
 */
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { type AerLogStyle, aerLog } from '../../src/formats/aer-log.ts';
import { decodeTlpHeader } from '../../src/tlp/codec.ts';
import { memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { AER, device, EXPRESS, type PortOptions, port } from '../generators/functions.ts';

const reporting: PortOptions = {
  command: 0x0107,
  bridgeControl: 0x0002,
  deviceControl: 0xf,
  uncorrectableMask: 0,
  correctableMask: 0x2000,
};

/** A root port at `bdf`, a switch and two endpoints behind it, with the IDs asked for. */
function machine(bdf: string, ids: { root?: number; endpoint?: number } = {}) {
  const fabric = new Fabric([
    port(bdf, 'Root Port', 1, 0x60, reporting),
    port('01:00.0', 'Switch Upstream Port', 2, 0x60, reporting),
    port('02:00.0', 'Switch Downstream Port', 6, 6, reporting),
    device('06:00.0', reporting),
    port('02:01.0', 'Switch Downstream Port', 0x50, 0x50, reporting),
    device('50:00.0', reporting),
  ]);
  const { arena } = fabric;
  if (ids.root !== undefined) arena.poke(0, 0, 4, ids.root);
  for (const fn of [3, 5]) if (ids.endpoint !== undefined) arena.poke(fn, 0, 4, ids.endpoint);
  const drivers = new Map([
    [3, 'ath10k_pci'],
    [5, 'nvme'],
  ]);
  return {
    fabric,
    arena,
    log: (style: AerLogStyle) => aerLog(arena, fabric.topology, 0, { style, drivers }),
  };
}

function headerOf(...words: number[]): TlpHeader {
  const bytes = new Uint8Array(16);
  words.forEach((word, i) => {
    new DataView(bytes.buffer).setUint32(4 * i, word);
  });
  return decodeTlpHeader(bytes);
}

describe('lines of real machines', () => {
  it('an ACS Violation of a root port, several times, as a later kernel prints it', () => {
    const { fabric, log } = machine('00:07.1', { root: 0xe44f8086 });
    const header = tlpHeader('Msg', { routing: 4, messageCode: 0x52 });
    for (let i = 0; i < 2; i++) fabric.injectError(0, { error: 'ACS Violation', header });
    expect(log('6.16')).toEqual([
      'pcieport 0000:00:07.1: AER: Multiple Uncorrectable (Non-Fatal) error message received from 0000:00:07.1',
      'pcieport 0000:00:07.1: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Receiver ID)',
      'pcieport 0000:00:07.1:   device [8086:e44f] error status/mask=00200000/00000000',
      'pcieport 0000:00:07.1:    [21] ACSViol                (First)',
      'pcieport 0000:00:07.1: AER:   TLP Header: 0x34000000 0x00000052 0x00000000 0x00000000',
    ]);
    // 6.1 knows no header of this error.
    expect(log('6.1').at(-1)).toBe('pcieport 0000:00:07.1:    [21] ACSViol                (First)');
  });

  it('a replay timer that ran out, as 6.1 prints it', () => {
    const { fabric, log } = machine('00:1c.1', { root: 0x8c128086 });
    for (let i = 0; i < 2; i++) fabric.injectError(0, { error: 'Replay Timer Timeout' });
    expect(log('6.1')).toEqual([
      'pcieport 0000:00:1c.1: AER: Multiple Corrected error received: 0000:00:1c.1',
      'pcieport 0000:00:1c.1: PCIe Bus Error: severity=Corrected, type=Data Link Layer, (Transmitter ID)',
      'pcieport 0000:00:1c.1:   device [8086:8c12] error status/mask=00001000/00002000',
      'pcieport 0000:00:1c.1:    [12] Timeout               ',
    ]);
  });

  it('three errors of the link, of an endpoint behind a port', () => {
    const { fabric, arena, log } = machine('00:1d.3', { endpoint: 0x003e168c });
    arena.poke(3, AER + 0x14, 4, 0x6000);
    fabric.injectError(3, { error: 'Bad TLP' });
    for (const error of ['Receiver Error', 'Bad DLLP'] as const) fabric.injectError(3, { error });
    arena.poke(0, AER + 0x30, 4, 1);
    expect(log('6.16').slice(1)).toEqual([
      'ath10k_pci 0000:06:00.0: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)',
      'ath10k_pci 0000:06:00.0:   device [168c:003e] error status/mask=000000c1/00006000',
      'ath10k_pci 0000:06:00.0:    [ 0] RxErr                  (First)',
      'ath10k_pci 0000:06:00.0:    [ 6] BadTLP                ',
      'ath10k_pci 0000:06:00.0:    [ 7] BadDLLP               ',
    ]);
  });

  it('an Unsupported Request, as the documentation has it', () => {
    const { fabric, arena, log } = machine('00:03.0', { endpoint: 0x03298086 });
    const header = headerOf(0x04000001, 0x00200a03, 0x05010000, 0x00050100);
    // The port that this is of has it as an error that is not advisory.
    arena.poke(5, EXPRESS + 4, 4, 0);
    fabric.injectError(5, { error: 'Unsupported Request Error', header });
    expect(log('6.16')).toEqual([
      'pcieport 0000:00:03.0: AER: Uncorrectable (Non-Fatal) error message received from 0000:50:00.0',
      'nvme 0000:50:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Requester ID)',
      'nvme 0000:50:00.0:   device [8086:0329] error status/mask=00100000/00000000',
      'nvme 0000:50:00.0:    [20] UnsupReq               (First)',
      // A header of three DWORDs: what stood in the fourth is not of it.
      'nvme 0000:50:00.0: AER:   TLP Header: 0x04000001 0x00200a03 0x05010000 0x00000000',
    ]);
    expect(log('6.1').at(-1)).toBe('nvme 0000:50:00.0: AER:   TLP Header: 04000001 00200a03 05010000 00000000');
  });
});

describe('which functions are printed', () => {
  it('none of a status that is clear', () => {
    expect(machine('00:03.0').log('6.1')).toEqual([]);
  });

  it('a fatal error of an endpoint is not read; one of a port is', () => {
    const { fabric, log } = machine('00:03.0');
    fabric.injectError(3, { error: 'Malformed TLP', header: memoryWrite(0x0600, 0, 0x1000) });
    expect(log('6.1')).toEqual([
      'pcieport 0000:00:03.0: AER: Uncorrected (Fatal) error received: 0000:06:00.0',
      'ath10k_pci 0000:06:00.0: AER: PCIe Bus Error: severity=Uncorrected (Fatal), type=Inaccessible, (Unregistered Agent ID)',
    ]);
    const other = machine('00:03.0');
    other.fabric.injectError(2, { error: 'Malformed TLP', header: memoryWrite(0x0600, 0, 0x1000) });
    expect(other.log('6.1')[2]).toContain('error status/mask=00040000/00000000');
    expect(other.log('6.1').at(-1)).toBe(
      'pcieport 0000:02:00.0: AER:   TLP Header: 40000001 0600000f 00001000 00000000',
    );
  });

  it('correctable errors come first; of several messages, all that have errors, depth first, and who was first', () => {
    const { fabric, log } = machine('00:03.0');
    fabric.injectError(5, { error: 'Completion Timeout' });
    fabric.injectError(3, { error: 'Completion Timeout' });
    fabric.injectError(2, { error: 'Bad TLP' });
    const lines = log('6.1').filter((line) => /AER:|Bus Error/.test(line));
    expect(lines).toEqual([
      'pcieport 0000:00:03.0: AER: Corrected error received: 0000:02:00.0',
      'pcieport 0000:02:00.0: PCIe Bus Error: severity=Corrected, type=Data Link Layer, (Receiver ID)',
      'pcieport 0000:00:03.0: AER: Multiple Uncorrected (Non-Fatal) error received: 0000:50:00.0',
      'ath10k_pci 0000:06:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)',
      'nvme 0000:50:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)',
      'nvme 0000:50:00.0: AER:   Error of this Agent is reported first',
    ]);
  });

  it('the first that has an error, where the Source ID is of bus 0', () => {
    const { fabric, log } = machine('00:03.0');
    fabric.injectError(0, { error: 'Completion Timeout' });
    fabric.arena.poke(3, AER + 4, 4, 0x4000);
    expect(log('6.1').filter((line) => line.includes('Bus Error'))).toEqual([
      'pcieport 0000:00:03.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)',
    ]);
  });

  it('nobody, where the source is not there', () => {
    const { arena, log } = machine('00:03.0');
    arena.poke(0, AER + 0x30, 4, 0x24);
    arena.poke(0, AER + 0x34, 4, 0x12340000);
    expect(log('6.1')).toEqual([
      'pcieport 0000:00:03.0: AER: Uncorrected (Non-Fatal) error received: 0000:12:06.4',
      "pcieport 0000:00:03.0: AER: can't find device of ID1234",
    ]);
    expect(log('6.16')[1]).toBe('pcieport 0000:00:03.0: AER: found no error details for 0000:12:06.4');
  });

  it('and prefixes, where they were logged', () => {
    const { fabric, arena, log } = machine('00:03.0');
    arena.setBits(0, EXPRESS + 0x24, 4, 0x00200000);
    const header = memoryWrite(0x0600, 0, 0x1000);
    fabric.injectError(0, { error: 'Poisoned TLP Received', header, prefixes: [0x91000001] });
    expect(log('6.16').at(-1)).toBe(
      'pcieport 0000:00:03.0: AER:   TLP Header: 0x40000001 0x0600000f 0x00001000 0x00000000 E-E Prefixes: 0x91000001',
    );
  });

  it('is asked of a root port', () => {
    const { fabric, arena } = machine('00:03.0');
    expect(() => aerLog(arena, fabric.topology, 3)).toThrow(
      /06:00\.0: expected a root port or event collector with AER/,
    );
    expect(() => aerLog(arena, fabric.topology, NONE)).toThrow(RangeError);
  });
});

/** By the source: drivers/pci/pcie/aer.c of Linux 7.3.4, aer_print_source(), aer_print_error(), __aer_print_error(). */
describe('as 7.3 prints it', () => {
  it('each error with its agent and layer', () => {
    const { fabric, arena, log } = machine('00:03.0', { endpoint: 0x03298086 });
    arena.poke(5, EXPRESS + 4, 4, 0);
    fabric.injectError(5, { error: 'Unsupported Request Error', header: memoryWrite(0x0600, 0, 0x1000) });
    arena.setBits(5, AER + 4, 4, 0x00404010);
    arena.poke(5, AER + 8, 4, 0);
    expect(log('7.3')).toEqual([
      'pcieport 0000:00:03.0: AER: Uncorrectable (Non-Fatal) Error message received from 0000:50:00.0',
      'nvme 0000:50:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal)',
      'nvme 0000:50:00.0:   device [8086:0329] error status/mask=00504010/00000000',
      'nvme 0000:50:00.0:   [ 4] DLP               | Receiver    | Data Link Layer  ',
      'nvme 0000:50:00.0:   [14] CmpltTO           | Requester   | Transaction Layer',
      'nvme 0000:50:00.0:   [20] UnsupReq          | Receiver    | Transaction Layer (First)',
      'nvme 0000:50:00.0:   [22] UncorrIntErr      | Component   | General          ',
      'nvme 0000:50:00.0: AER:   TLP Header: 0x40000001 0x0600000f 0x00001000 0x00000000',
    ]);
  });

  it('several correctable messages; no First', () => {
    const { fabric, log } = machine('00:1c.1', { root: 0x8c128086 });
    for (let i = 0; i < 2; i++) fabric.injectError(0, { error: 'Replay Timer Timeout' });
    expect(log('7.3')).toEqual([
      'pcieport 0000:00:1c.1: AER: Multiple Correctable Error messages received, first one from 0000:00:1c.1',
      'pcieport 0000:00:1c.1: PCIe Bus Error: severity=Correctable',
      'pcieport 0000:00:1c.1:   device [8086:8c12] error status/mask=00001000/00002000',
      'pcieport 0000:00:1c.1:   [12] Timeout           | Transmitter | Data Link Layer  ',
    ]);
  });

  it('the error behind an advisory one, unless the function has sent ERR_NONFATAL as well', () => {
    const { fabric, arena, log } = machine('00:03.0', { endpoint: 0x03298086 });
    arena.poke(5, AER + 0x14, 4, 0);
    fabric.injectError(5, { error: 'Unsupported Request Error', header: tlpHeader('MRd', { requesterId: 0x0600 }) });
    const correctable = [
      'pcieport 0000:00:03.0: AER: Correctable Error message received from 0000:50:00.0',
      'nvme 0000:50:00.0: PCIe Bus Error: severity=Correctable',
      'nvme 0000:50:00.0:   device [8086:0329] error status/mask=00002000/00000000',
      'nvme 0000:50:00.0:   [13] NonFatalErr       |             |                  ',
    ];
    const [header] = [expect.stringContaining('TLP Header: 0x00000000 0x06000000')];
    expect(log('7.3')).toEqual([
      ...correctable,
      'nvme 0000:50:00.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal)',
      'nvme 0000:50:00.0:   device [8086:0329] error status/mask=00100000/00000000',
      'nvme 0000:50:00.0:   [20] UnsupReq          | Receiver    | Transaction Layer (First)',
      header,
    ]);
    arena.setBits(5, EXPRESS + 0x0a, 2, 2);
    expect(log('7.3')).toEqual(correctable);
  });

  it('a source that is not there, and one that is not read', () => {
    const { arena, fabric, log } = machine('00:03.0');
    arena.poke(0, AER + 0x30, 4, 0x24);
    arena.poke(0, AER + 0x34, 4, 0x12340000);
    expect(log('7.3')).toEqual([
      'pcieport 0000:00:03.0: AER: Uncorrectable (Non-Fatal) Error message received from 0000:12:06.4 (no details found)',
    ]);
    arena.poke(0, AER + 0x30, 4, 0);
    fabric.injectError(3, { error: 'Malformed TLP', header: memoryWrite(0x0600, 0, 0x1000) });
    expect(log('7.3')[1]).toBe(
      'ath10k_pci 0000:06:00.0: AER: PCIe Bus Error: severity=Uncorrectable (Fatal) (Inaccessible)',
    );
  });
});
