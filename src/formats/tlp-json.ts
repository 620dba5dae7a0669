/** A TLP header as JSON, with the field names of cocotbext-pcie's vectors, and as a sentence. */
import { formatBdf } from '../config/bdf.ts';
import { type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';

export type TlpJson = Readonly<Record<string, string | number | boolean>>;

const bdf = (id: number) => formatBdf(0, id);

/** A 64-bit address as `0x…`, unpadded. */
export function formatAddress(hi: number, lo: number): string {
  return `0x${(BigInt(hi) * 0x1_0000_0000n + BigInt(lo)).toString(16)}`;
}

export function tlpJson(header: TlpHeader): TlpJson {
  const { fmt, type, kind } = tlpTypeNamed(header.type);
  const common = {
    fmt,
    typeCode: kind === 'message' ? type | header.routing : type,
    tc: header.tc,
    attr: header.attr,
    ep: header.ep,
    td: header.td,
    th: header.th,
    at: header.at,
    tag: header.tag,
    requesterId: bdf(header.requesterId),
    lengthDw: header.lengthDw,
  };
  const byteEnables = { firstBe: header.firstBe, lastBe: header.lastBe };
  switch (kind) {
    case 'configuration':
      return {
        type: header.type,
        destinationId: bdf(header.destinationId),
        register: header.register,
        ...common,
        ...byteEnables,
      };
    case 'completion':
      return {
        type: header.type,
        completerId: bdf(header.completerId),
        status: header.status,
        bcm: header.bcm,
        byteCount: header.byteCount,
        lowerAddress: header.lowerAddress,
        ...common,
      };
    case 'message':
      return {
        type: header.type,
        messageCode: header.messageCode,
        routing: header.routing,
        address: formatAddress(header.addressHi, header.addressLo),
        ...common,
      };
    default:
      return {
        type: header.type,
        address: formatAddress(header.addressHi, header.addressLo),
        ...common,
        ...byteEnables,
      };
  }
}

/** `MWr from 07:00.0 to 0x100000, 1 DW`. */
export function describeTlp(header: TlpHeader): string {
  const length = `${header.lengthDw} DW`;
  switch (tlpTypeNamed(header.type).kind) {
    case 'configuration':
      return `${header.type} to ${bdf(header.destinationId)} register 0x${header.register.toString(16)}`;
    case 'completion':
      return `${header.type} from ${bdf(header.completerId)} to ${bdf(header.requesterId)}, status ${header.status}`;
    case 'message':
      return `${header.type} code 0x${header.messageCode.toString(16)} from ${bdf(header.requesterId)}`;
    default:
      return `${header.type} from ${bdf(header.requesterId)} to ${formatAddress(header.addressHi, header.addressLo)}, ${length}`;
  }
}
