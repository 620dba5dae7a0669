/** Names from a `pci.ids` file: a pasted piece of one, and the system's own, read line by line by other code. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readPciIds } from '../../src/formats/pci-ids.ts';

const text = `# A comment
0014  Loongson Technology LLC
	7a00  Hyper Transport Bridge Controller
# another, and a blank line

	7a02  APB (Advanced Peripheral Bus) Controller
		0014 7a02  A subsystem
8086  Intel Corporation
	7a02  Another
C 06  Bridge
	04  PCI bridge
		00  Normal decode
`;

it('names vendors, devices and classes, and nothing that the file lacks', () => {
  for (const given of [text, text.replaceAll('\n', '\r\n'), text.trimEnd()]) {
    const ids = readPciIds(given);
    expect(ids.vendor(0x14)).toBe('Loongson Technology LLC');
    expect(ids.device(0x14, 0x7a00)).toBe('Hyper Transport Bridge Controller');
    expect(ids.device(0x14, 0x7a02)).toBe('APB (Advanced Peripheral Bus) Controller');
    expect(ids.device(0x8086, 0x7a02)).toBe('Another');
    expect(ids.device(0x8086, 0x7a00)).toBeUndefined();
    expect(ids.vendor(0x06)).toBeUndefined();
    expect(ids.device(0x1234, 0x7a02)).toBeUndefined();
    expect(ids.classOf(0x0604)).toBe('PCI bridge');
    expect(ids.classOf(0x0600)).toBeUndefined();
    expect(ids.classOf(0x1404)).toBeUndefined();
  }
});

const system = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids', '/usr/share/pci.ids'].find(existsSync);
it.skipIf(system === undefined)("names everything in the system's file (skipped where there is none)", () => {
  const whole = readFileSync(system!, 'utf8');
  const ids = readPciIds(whole);
  let [vendor, base, names] = ['', '', 0];
  const wrong: string[] = [];
  for (const line of whole.split('\n')) {
    const [, top, sub, name = ''] = /^(?:([0-9a-f]{4}|C [0-9a-f]{2})|\t([0-9a-f]{2,4})) {2}(.+)$/.exec(line) ?? [];
    if (top !== undefined) [vendor, base] = top.startsWith('C') ? ['', top.slice(2)] : [top, ''];
    else if (sub === undefined) continue;
    const number = Number.parseInt(sub ?? top!, 16);
    const got =
      vendor === ''
        ? sub === undefined
          ? name
          : ids.classOf(Number.parseInt(base + sub, 16))
        : sub === undefined
          ? ids.vendor(number)
          : ids.device(Number.parseInt(vendor, 16), number);
    names++;
    if (got !== name.trim()) wrong.push(line);
  }
  expect(names).toBeGreaterThan(1000);
  expect(wrong).toEqual([]);
});
