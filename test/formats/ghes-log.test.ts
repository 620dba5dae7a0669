/**
 * The lines of Linux's GHES driver: against those of the kernel's own functions for the same bytes (test/fixtures/linux-source/README.md),
 * and of real machines as people have posted them: netdev, "ice: Fix removal and unload" (root port 0000:c9:02.0); linux-pci, on i40e
 * and a reboot of a PowerEdge C4140 (0000:05:00.1).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { genericErrorStatus } from '../../src/formats/error-record.ts';
import { ghesLog } from '../../src/formats/ghes-log.ts';
import { AER, device, EXPRESS, port } from '../generators/functions.ts';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const fixture: { block: string; lines: string[] }[] = JSON.parse(
  readFileSync(new URL('../fixtures/linux-source/ghes-log.json', import.meta.url), 'utf8'),
);

describe('the kernel’s own functions', () => {
  it.each(fixture.map(({ block, lines }, i) => [i, lines[1]!, block, lines] as const))(
    'block %i: %s',
    (_, __, block, lines) => {
      expect(ghesLog(bytesOf(block))).toEqual(lines);
    },
  );
});

describe('lines of real machines', () => {
  it('a recoverable ACS Violation of a root port', () => {
    const { arena } = new Fabric([port('c9:02.0', 'Root Port', 0xca, 0xca, { uncorrectableMask: 0x100020 })]);
    const set = (offset: number, size: 2 | 4, value: number) => arena.poke(0, offset, size, value);
    set(0x00, 4, 0x347a8086);
    set(0x04, 4, 0x40100547);
    set(0x1e, 2, 0x2800);
    set(0x3e, 2, 0x0013);
    set(EXPRESS + 2, 2, 0x0142);
    set(EXPRESS + 0x14, 4, 25 << 19);
    set(AER + 0x04, 4, 0x00200000);
    set(AER + 0x0c, 4, 0x00463010);
    set(AER + 0x18, 4, 21);
    expect(ghesLog(genericErrorStatus(arena, 0, { pcieVersion: { major: 3, minor: 0 } }))).toEqual([
      '{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 1',
      '{1}[Hardware Error]: event severity: recoverable',
      '{1}[Hardware Error]:  Error 0, type: recoverable',
      '{1}[Hardware Error]:   section_type: PCIe error',
      '{1}[Hardware Error]:   port_type: 4, root port',
      '{1}[Hardware Error]:   version: 3.0',
      '{1}[Hardware Error]:   command: 0x0547, status: 0x4010',
      '{1}[Hardware Error]:   device_id: 0000:c9:02.0',
      '{1}[Hardware Error]:   slot: 25',
      '{1}[Hardware Error]:   secondary_bus: 0xca',
      '{1}[Hardware Error]:   vendor_id: 0x8086, device_id: 0x347a',
      '{1}[Hardware Error]:   class_code: 060400',
      '{1}[Hardware Error]:   bridge: secondary_status: 0x2800, control: 0x0013',
      'pcieport 0000:c9:02.0: AER: aer_status: 0x00200000, aer_mask: 0x00100020',
      'pcieport 0000:c9:02.0:    [21] ACSViol                (First)',
      'pcieport 0000:c9:02.0: AER: aer_layer=Transaction Layer, aer_agent=Receiver ID',
      'pcieport 0000:c9:02.0: AER: aer_uncor_severity: 0x00463010',
    ]);
  });

  it('an Unsupported Request of an endpoint that firmware calls fatal, at a shutdown', () => {
    const { arena } = new Fabric([device('05:00.1', { uncorrectableMask: 0x18000 })]);
    arena.poke(0, 0x00, 4, 0x15728086);
    arena.poke(0, 0x04, 4, 0x00100006);
    arena.poke(0, 0x08, 4, 0x02000002);
    arena.poke(0, AER + 0x04, 4, 0x00100000);
    arena.poke(0, AER + 0x0c, 4, 0x000ef030);
    [0x40000001, 0x0000000f, 0x90028090].forEach((word, i) => {
      arena.poke(0, AER + 0x1c + 4 * i, 4, word);
    });
    const block = genericErrorStatus(arena, 0, { severity: 'fatal', pcieVersion: { major: 3, minor: 0 } });
    expect(ghesLog(block, { source: 5 })).toEqual([
      '{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 5',
      '{1}[Hardware Error]: event severity: fatal',
      '{1}[Hardware Error]:  Error 0, type: fatal',
      '{1}[Hardware Error]:   section_type: PCIe error',
      '{1}[Hardware Error]:   port_type: 0, PCIe end point',
      '{1}[Hardware Error]:   version: 3.0',
      '{1}[Hardware Error]:   command: 0x0006, status: 0x0010',
      '{1}[Hardware Error]:   device_id: 0000:05:00.1',
      '{1}[Hardware Error]:   slot: 0',
      '{1}[Hardware Error]:   secondary_bus: 0x00',
      '{1}[Hardware Error]:   vendor_id: 0x8086, device_id: 0x1572',
      '{1}[Hardware Error]:   class_code: 020000',
      '{1}[Hardware Error]:   aer_uncor_status: 0x00100000, aer_uncor_mask: 0x00018000',
      '{1}[Hardware Error]:   aer_uncor_severity: 0x000ef030',
      '{1}[Hardware Error]:   TLP Header: 40000001 0000000f 90028090 00000000',
      'Kernel panic - not syncing: GHES: Fatal hardware error',
    ]);
  });
});

describe('later kernels', () => {
  const recoverable = bytesOf(fixture[0]!.block);
  it('6.12 prints AER’s registers of any error', () => {
    const lines = ghesLog(recoverable, { style: '6.12', sequence: 3 });
    expect(lines.slice(14, 19)).toEqual([
      '{3}[Hardware Error]:   bridge: secondary_status: 0x0000, control: 0x0012',
      '{3}[Hardware Error]:   aer_cor_status: 0x00000000, aer_cor_mask: 0x00000000',
      '{3}[Hardware Error]:   aer_uncor_status: 0x00100000, aer_uncor_mask: 0x00000000',
      '{3}[Hardware Error]:   aer_uncor_severity: 0x00062010',
      '{3}[Hardware Error]:   TLP Header: 40000001 0700000f 00100000 00000000',
    ]);
    expect(lines[19]).toBe('pcieport 0000:00:02.2: AER: aer_status: 0x00100000, aer_mask: 0x00000000');
  });

  it('7.3: no more than that', () => {
    expect(ghesLog(recoverable, { style: '7.3' })).toEqual(ghesLog(recoverable, { style: '6.12' }).slice(0, 19));
  });
});

it('drivers by function', () => {
  const drivers = new Map([['0000:00:02.2', 'shpchp']]);
  expect(ghesLog(bytesOf(fixture[0]!.block), { drivers }).at(-1)).toMatch(/^shpchp 0000:00:02\.2: AER: {3}TLP Header/);
});

it('a section of another type is no PCI Express error', () => {
  const block = bytesOf(fixture[0]!.block);
  block[20]! ^= 1;
  expect(() => ghesLog(block)).toThrow(/entry 0: expected a PCI Express section, got d995e955-/);
});
