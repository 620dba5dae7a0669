/** A TLP header as JSON, with the field names of cocotbext-pcie's vectors, and as a sentence. */
import { formatBdf } from '../config/bdf.ts';
import { type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import { processingHint } from '../tlp/processing-hint.ts';
import { messageOfCode } from '../tlp/validate.ts';

export type TlpJson = Readonly<Record<string, string | number | boolean>>;

/** Names of Completion Status, by value. */
const statusNames = ['SC', 'UR', 'CRS', undefined, 'CA'] as const;

const bdf = (id: number) => formatBdf(0, id);

/** A 64-bit address as `0x…`, unpadded. */
export function formatAddress(hi: number, lo: number): string {
  return `0x${(BigInt(hi) * 0x1_0000_0000n + BigInt(lo)).toString(16)}`;
}

/** All fields of a header; those of its own kind first. */
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
    ln: header.ln,
    at: header.at,
    tag: header.tag,
    requesterId: bdf(header.requesterId),
    lengthDw: header.lengthDw,
  };
  const byteEnables = { firstBe: header.firstBe, lastBe: header.lastBe };
  const reserved = { reserved: header.reserved };
  switch (kind) {
    case 'configuration':
      return {
        type: header.type,
        destinationId: bdf(header.destinationId),
        register: header.register,
        ...common,
        ...byteEnables,
        ...reserved,
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
        ...reserved,
      };
    case 'message':
      return {
        type: header.type,
        messageCode: header.messageCode,
        routing: header.routing,
        ...(header.routing === 2 ? { destinationId: bdf(header.destinationId) } : {}),
        address: formatAddress(header.addressHi, header.addressLo),
        ...common,
      };
    default:
      return {
        type: header.type,
        address: formatAddress(header.addressHi, header.addressLo),
        ...common,
        ...byteEnables,
        ...processingHint(header),
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
      return `${header.type} from ${bdf(header.completerId)} to ${bdf(header.requesterId)}, status ${statusNames[header.status] ?? `${header.status}, reserved`}`;
    case 'message':
      return `${header.type} ${messageName(header)} from ${bdf(header.requesterId)}`;
    default:
      return `${header.type} from ${bdf(header.requesterId)} to ${formatAddress(header.addressHi, header.addressLo)}, ${length}`;
  }
}

/** `ERR_COR`, or `code 0x80` where PCIe 5.0 has no such message. */
function messageName({ messageCode, type }: TlpHeader): string {
  const name = messageOfCode(messageCode)?.name;
  if (name === undefined) return `code 0x${messageCode.toString(16).padStart(2, '0')}`;
  return name === 'PTM Response' && type === 'MsgD' ? 'PTM ResponseD' : name;
}
