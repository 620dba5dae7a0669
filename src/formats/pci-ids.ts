/** Names of vendors, devices and classes from the text of a `pci.ids` file. */
export interface PciIds {
  /** Undefined where the file has none. */
  vendor(id: number): string | undefined;
  device(vendorId: number, deviceId: number): string | undefined;
  /** @param code base class in 15:8, sub-class in 7:0 */
  classOf(code: number): string | undefined;
}

export function readPciIds(text: string): PciIds {
  const vendors = new Map<number, string>();
  const devices = new Map<number, string>();
  const classes = new Map<number, string>();
  let vendor = -1;
  let baseClass = -1;
  for (const line of text.split('\n')) {
    const top = /^([0-9a-f]{4}) {2}(.+)$/.exec(line);
    const base = /^C ([0-9a-f]{2}) {2}(.+)$/.exec(line);
    const sub = /^\t([0-9a-f]{2,4}) {2}(.+)$/.exec(line);
    if (top !== null) {
      vendor = Number.parseInt(top[1]!, 16);
      baseClass = -1;
      vendors.set(vendor, top[2]!);
    } else if (base !== null) {
      baseClass = Number.parseInt(base[1]!, 16);
      vendor = -1;
    } else if (sub !== null && vendor >= 0) devices.set(vendor * 0x10000 + Number.parseInt(sub[1]!, 16), sub[2]!);
    else if (sub !== null && baseClass >= 0) classes.set((baseClass << 8) | Number.parseInt(sub[1]!, 16), sub[2]!);
  }
  return {
    vendor: (id) => vendors.get(id),
    device: (vendorId, deviceId) => devices.get(vendorId * 0x10000 + deviceId),
    classOf: (code) => classes.get(code),
  };
}
