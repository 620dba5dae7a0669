/** Root Complex Event Collectors: which integrated endpoints report to which, and what the collector keeps. PCIe 5.0 §6.2.4.1, §7.9.10. */
import { describe, expect, it } from 'vitest';
import { associatedEndpoints, eventCollectorOf } from '../../src/fabric/event-collectors.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { aerLog } from '../../src/formats/aer-log.ts';
import { memoryWrite } from '../../src/tlp/header.ts';
import { AER, device, EXPRESS, type FunctionOptions, port } from '../generators/functions.ts';

const RCIEP = 'Root Complex Integrated Endpoint';
const RCEC = 'Root Complex Event Collector';
const [MSI_ENABLED, ALL_REPORTED] = ['msi', 0xf] as const;
const open: FunctionOptions = {
  command: 0x0107,
  deviceControl: ALL_REPORTED,
  correctableMask: 0,
  uncorrectableMask: 0,
};

/** Two collectors on bus 0: one for devices 4 and 5 there and for buses 80h to 82h, one for device 6 alone. Device 7 has none. */
function lab(collector: FunctionOptions = {}) {
  const fabric = new Fabric([
    device('00:04.0', { ...open, bar: 0xe00 }, RCIEP),
    device('00:05.3', { ...open, multiFunction: true }, RCIEP),
    device('00:06.0', open, RCIEP),
    device('00:07.0', open, RCIEP),
    device(
      '00:08.0',
      {
        ...open,
        classCode: 0x080700,
        rootErrorCommand: 7,
        association: { devices: [4, 5, 8], buses: [0x80, 0x82] },
        ...collector,
      },
      RCEC,
    ),
    device('00:09.0', { ...open, classCode: 0x080700, association: { devices: [6, 9] } }, RCEC),
    port('00:1c.0', 'Root Port', 1, 1, { ...open, bridgeControl: 2 }),
    device('01:00.0', open),
    device('80:00.0', open, RCIEP),
    device('82:1f.0', open, RCIEP),
    device('83:00.0', open, RCIEP),
  ]);
  const { arena } = fabric;
  const fn = (bdf: string) => Array.from({ length: arena.count }, (_, i) => i).find((i) => arena.name(i) === bdf)!;
  const root = (bdf: string) => [arena.u32(fn(bdf), AER + 0x30) & 0x7f, arena.u32(fn(bdf), AER + 0x34)];
  return { fabric, arena, fn, root };
}

describe('association', () => {
  it.each([
    ['00:04.0', '00:08.0'],
    ['00:05.3', '00:08.0'],
    ['00:06.0', '00:09.0'],
    ['00:07.0', undefined],
    ['00:08.0', '00:08.0'],
    ['80:00.0', '00:08.0'],
    ['82:1f.0', '00:08.0'],
    ['83:00.0', undefined],
    ['00:1c.0', undefined],
    ['01:00.0', undefined],
  ])('by device number on its own bus, by number of other buses: %s to %s', (bdf, collector) => {
    const { fabric, arena, fn } = lab();
    expect(eventCollectorOf(arena, fabric.topology, fn(bdf))).toBe(collector === undefined ? NONE : fn(collector));
  });

  it('FFh and 0 name no other bus, nor does a capability of version 1', () => {
    for (const buses of [[0xff, 0] as const, undefined]) {
      const { fabric, arena, fn } = lab({ association: { devices: [4], ...(buses === undefined ? {} : { buses }) } });
      expect(associatedEndpoints(arena, fabric.topology, fn('00:08.0'))).toEqual([fn('00:04.0')]);
    }
  });
});

describe('an error of an integrated endpoint', () => {
  it.each([
    ['Malformed TLP', 'ERR_FATAL', [0x54, 0x00200000]],
    ['Completion Timeout', 'ERR_NONFATAL', [0x24, 0x00200000]],
    ['Bad TLP', 'ERR_COR', [0x01, 0x0020]],
  ] as const)('%s: %s at its collector', (error, message, status) => {
    const { fabric, fn, root } = lab();
    const { errorMessage } = fabric.injectError(fn('00:04.0'), { error });
    expect(errorMessage).toMatchObject({ message, rootPort: fn('00:08.0'), interrupt: 'INTx' });
    expect(errorMessage!.hops).toHaveLength(1);
    expect([root('00:08.0'), root('00:09.0'), root('00:1c.0')]).toEqual([status, [0, 0], [0, 0]]);
  });

  it('by traffic, from another bus, and one after the other', () => {
    const { fabric, fn, root } = lab();
    fabric.injectError(fn('82:1f.0'), { error: 'Malformed TLP' });
    fabric.injectError(fn('00:05.3'), { error: 'Completion Timeout' });
    expect(root('00:08.0')).toEqual([0x7c, 0x82f80000]);
    const digest = { ...memoryWrite(0, 0, 0xe0000000), td: true };
    fabric.arena.poke(fn('00:04.0'), AER + 0x18, 4, 0x100);
    expect(fabric.send(digest, -1).report).toBeUndefined();
  });

  it('interrupts as Root Error Command and MSI say; a System Error as Root Control says', () => {
    const { fabric, fn } = lab({ armed: MSI_ENABLED, rootControl: 2 });
    const { errorMessage } = fabric.injectError(fn('00:04.0'), { error: 'Completion Timeout' });
    expect(errorMessage).toMatchObject({ interrupt: 'MSI', systemError: true });
    const off = lab({ rootErrorCommand: 0 });
    const { errorMessage: quiet } = off.fabric.injectError(off.fn('00:04.0'), { error: 'Completion Timeout' });
    expect(quiet).toMatchObject({ interrupt: 'not enabled', systemError: false });
  });

  it('without a collector is told by its own registers alone', () => {
    const { fabric, fn, arena, root } = lab();
    const { errorMessage } = fabric.injectError(fn('00:07.0'), { error: 'Malformed TLP' });
    expect(errorMessage).toMatchObject({ rootPort: NONE, hops: [], interrupt: 'none' });
    expect(arena.u16(fn('00:07.0'), EXPRESS + 0x0a) & 4).toBe(4);
    expect(['00:08.0', '00:09.0', '00:1c.0'].map(root)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('of the collector itself: it reports to itself', () => {
    const { fabric, fn, root } = lab();
    fabric.injectError(fn('00:08.0'), { error: 'Completion Timeout' });
    expect(root('00:08.0')).toEqual([0x24, 0x00400000]);
  });
});

it('the lines of the kernel name the collector and find the endpoint behind it', () => {
  const { fabric, fn } = lab();
  fabric.injectError(fn('82:1f.0'), { error: 'Completion Timeout' });
  expect(aerLog(fabric.arena, fabric.topology, fn('00:08.0')).slice(0, 3)).toEqual([
    'pcieport 0000:00:08.0: AER: Uncorrected (Non-Fatal) error received: 0000:82:1f.0',
    'pci 0000:82:1f.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)',
    'pci 0000:82:1f.0:   device [8086:10d3] error status/mask=00004000/00000000',
  ]);
});
