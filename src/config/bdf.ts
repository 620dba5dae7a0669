/** Bus, Device and Function numbers as text, and as the 16-bit Routing ID of TLPs: bus in 15:8, device in 7:3, function in 2:0. */

const pattern = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-1][0-9a-f])\.([0-7])$/i;

export interface Bdf {
  /** PCI segment group ("domain"), 0 to FFFFFFFFh. */
  readonly segment: number;
  readonly routingId: number;
}

export function routingId(bus: number, device: number, functionNumber: number): number {
  return (bus << 8) | (device << 3) | functionNumber;
}

/** `07:00.0`, or `0001:07:00.0` where `withSegment` is set. */
export function formatBdf(segment: number, id: number, withSegment = segment !== 0): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const text = `${hex(id >> 8, 2)}:${hex((id >> 3) & 0x1f, 2)}.${id & 7}`;
  return withSegment ? `${hex(segment, 4)}:${text}` : text;
}

/** Reads `bb:dd.f` or `dddd:bb:dd.f`, in either case; undefined where the text is neither. */
export function parseBdf(text: string): Bdf | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, segment = '0', bus = '', device = '', fn = ''] = match;
  return {
    segment: Number.parseInt(segment, 16),
    routingId: routingId(Number.parseInt(bus, 16), Number.parseInt(device, 16), Number.parseInt(fn, 16)),
  };
}
