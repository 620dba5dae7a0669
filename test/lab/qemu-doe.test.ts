/** The DOE mailbox of QEMU's cxl-type3, access by access, against ours. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { capability, type0Function } from '../../src/config/builder.ts';
import { DataObjectExchange, PciExpressCapability } from '../../src/spec/index.ts';

const { ops } = JSON.parse(readFileSync(new URL('../fixtures/qemu/doe-7.2.json', import.meta.url), 'utf8')) as {
  ops: readonly (readonly ['r' | 'w', number, number])[];
};

/** Next Index beyond the last type must be 0 (PCIe 6.0 §6.30.1.1); QEMU counts on. */
const isBeyondTheLast = (value: number) => (value & 0xffff) === 0xffff;

it('answers every access as QEMU does', () => {
  const cdat = ops.flatMap(([kind, offset, value]) => (kind === 'r' && offset === 0x14 ? [value] : []));
  const start = cdat.indexOf(0x00021e98, cdat.lastIndexOf(0x03ffffff));
  const arena = new ConfigArena([
    {
      ...type0Function({
        bdf: '0d:00.0',
        header: { 'Vendor ID': 0x8086 },
        capabilities: [
          capability(PciExpressCapability, 0x80, {}),
          capability(DataObjectExchange, 0x100, { 'DOE Capabilities': ops[0]![2] }),
        ],
      }),
      // What the device said of itself.
      dataObjects: [
        { vendorId: 0x1e98, type: 2, respond: () => Uint32Array.from(cdat.slice(start + 2, start + cdat[start + 1]!)) },
      ],
    },
  ]);
  const wrong: string[] = [];
  for (const [i, [kind, offset, value]] of ops.entries()) {
    if (kind === 'w') arena.write(0, 0x100 + offset, 4, value);
    else {
      const ours = arena.read(0, 0x100 + offset, 4);
      if (ours !== value && !(isBeyondTheLast(value) && isBeyondTheLast(ours)))
        wrong.push(`access ${i} at ${offset}: expected ${value.toString(16)}, got ${ours.toString(16)}`);
    }
  }
  expect(ops.length).toBeGreaterThan(80);
  expect(wrong).toEqual([]);
});
