/**
 * Which TLP may pass which. PCIe 5.0 §2.4.1, table 2-40: rows are the later TLP, columns the earlier one that it would pass.
 *
 * The table holds inside one Traffic Class. PASIDs, by which IDO may let TLPs pass too, are in prefixes and not looked at; UIO and
 * flow-through IDE have tables of their own. A bridge from PCI Express to PCI must let posted requests pass completions where others
 * only may: here all may.
 */
import { hasData, kindOf, type TlpHeader, tlpTypeNamed } from '../../tlp/header.ts';

const RELAXED_ORDERING = 0b010;
const ID_BASED_ORDERING = 0b100;

export type OrderingClass = 'posted' | 'read' | 'with data' | 'completion';

/** What ordering sees of a TLP. */
export interface OrderedTlp {
  readonly header: TlpHeader;
  /** What a completion answers. */
  readonly request?: { readonly header: TlpHeader } | undefined;
}

/** What lets a TLP pass where the table says No. */
type Exception = 'relaxed' | 'other requester' | 'I/O or configuration write' | 'other transaction';

/** `yes`: it must be let past, or the fabric could stop for ever. `may`: it can. A list: No, but for these. */
type Entry = 'yes' | 'may' | readonly Exception[];

export const orderingTable: Readonly<Record<OrderingClass, Readonly<Record<OrderingClass, Entry>>>> = {
  posted: { posted: ['relaxed', 'other requester'], read: 'yes', 'with data': 'yes', completion: 'may' },
  read: { posted: ['other requester'], read: 'may', 'with data': 'may', completion: 'may' },
  'with data': { posted: ['relaxed', 'other requester'], read: 'may', 'with data': 'may', completion: 'may' },
  completion: {
    posted: ['relaxed', 'other requester', 'I/O or configuration write'],
    read: 'yes',
    'with data': 'yes',
    completion: ['other transaction'],
  },
};

export function orderingClassOf(header: TlpHeader): OrderingClass {
  const type = tlpTypeNamed(header.type);
  if (type.kind === 'completion') return 'completion';
  if (type.posted) return 'posted';
  return hasData(type) ? 'with data' : 'read';
}

/** Whether a TLP may leave a queue before one that came into it earlier. */
export function mayPass(later: OrderedTlp, earlier: OrderedTlp): boolean {
  if (later.header.tc !== earlier.header.tc) return true;
  const entry = orderingTable[orderingClassOf(later.header)][orderingClassOf(earlier.header)];
  return typeof entry === 'string' || entry.some((exception) => applies(exception, later, earlier));
}

function applies(exception: Exception, { header, request }: OrderedTlp, { header: earlier }: OrderedTlp): boolean {
  switch (exception) {
    case 'relaxed':
      return (header.attr & RELAXED_ORDERING) !== 0;
    case 'other requester': {
      // Of a completion the Completer ID counts: who made the data ready.
      const own = kindOf(header) === 'completion' ? header.completerId : header.requesterId;
      return (header.attr & ID_BASED_ORDERING) !== 0 && own !== earlier.requesterId;
    }
    case 'I/O or configuration write':
      return request !== undefined && isIoOrConfigurationWrite(request.header);
    case 'other transaction':
      return header.requesterId !== earlier.requesterId || header.tag !== earlier.tag;
  }
}

function isIoOrConfigurationWrite(request: TlpHeader): boolean {
  const type = tlpTypeNamed(request.type);
  return (type.kind === 'io' || type.kind === 'configuration') && hasData(type);
}
