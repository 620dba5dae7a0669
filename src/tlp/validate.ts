/** The rules that a well-formed header keeps, and what a receiver does where one is broken. PCIe 5.0 §2.2.2–§2.2.9. */
import { type MessageName, type MessageRow, messageCodes } from '../../spec-tables/message-codes.ts';
import { hasData, type TlpHeader, tlpTypeNamed } from './header.ts';

/**
 * What happens to the TLP:
 * - `Malformed TLP`: every receiver must check; an uncorrectable error, fatal by default;
 * - `Malformed TLP where checked`: the same, where the receiver checks, which is its own choice;
 * - `not specified`: the spec forbids it and leaves open what a receiver makes of it;
 * - `not checked`: the sender's duty alone;
 * - the rest are names of errors, or what a receiver does without an error.
 */
export type ReceiverReaction =
  | 'Malformed TLP'
  | 'Malformed TLP where checked'
  | 'not specified'
  | 'not checked'
  | 'Unsupported Request'
  | 'Unexpected Completion'
  | 'Poisoned TLP Received'
  | 'ECRC Check Failed'
  | 'ignored';

export interface BrokenRule {
  readonly rule: string;
  /** Section of PCIe 5.0, unless another revision is named. */
  readonly spec: string;
  readonly reaction: ReceiverReaction;
}

/** What the rules need to know of the receiver; a rule whose figure is not given is left out. */
export interface Receiver {
  /** Max_Payload_Size in bytes. */
  readonly maxPayload?: number;
  /** Max_Read_Request_Size of the requester, in bytes. */
  readonly maxReadRequest?: number;
  /** Bytes of the AtomicOp operands that the completer supports. */
  readonly atomicOperands?: readonly number[];
  /** Towards the root complex or away from it. */
  readonly direction?: 'up' | 'down';
}

type Must = (holds: boolean, rule: string, spec: string, reaction: ReceiverReaction) => void;

const CHECKED = 'Malformed TLP';
const OPTIONAL = 'Malformed TLP where checked';

/** Whether a receiver that looks for everything that it may look for takes it as a Malformed TLP. PCIe 5.0 §2.3 */
export function isMalformed(header: TlpHeader): boolean {
  return (
    !isOneDwordRequest(header) &&
    brokenRules(header).some(({ reaction }) => reaction === CHECKED || reaction === OPTIONAL)
  );
}

/** A memory read or write of one DWORD, as most of a simulation's are: nothing in it that would be malformed. Quicker than to look. */
function isOneDwordRequest({ type, lengthDw, lastBe, th }: TlpHeader): boolean {
  const isMemory = type === 'MWr' || type === 'MRd' || type === 'MWr64' || type === 'MRd64';
  return isMemory && lengthDw === 1 && lastBe === 0 && !th;
}

/** Every rule of its format that the header breaks; empty for a well-formed one. */
export function brokenRules(header: TlpHeader, receiver: Receiver = {}): BrokenRule[] {
  const type = tlpTypeNamed(header.type);
  const broken: BrokenRule[] = [];
  const must: Must = (holds, rule, spec, reaction) => {
    if (!holds) broken.push({ rule, spec, reaction });
  };
  const { lengthDw } = header;
  switch (type.kind) {
    case 'memory':
      byteEnableRules(header, must);
      must(
        (header.addressLo & 0xffc) + 4 * lengthDw <= 0x1000,
        'a memory request must not cross a 4 KiB boundary',
        '§2.2.7',
        OPTIONAL,
      );
      addressFormatRule(header, must);
      if (!hasData(type) && receiver.maxReadRequest !== undefined)
        must(
          lengthDw * 4 <= receiver.maxReadRequest,
          `a read must not ask for more than Max_Read_Request_Size, ${receiver.maxReadRequest} bytes`,
          '§2.2.7',
          'not checked',
        );
      break;
    case 'io':
    case 'configuration':
      must(lengthDw === 1, 'Length must be 1', '§2.2.7', OPTIONAL);
      must(header.lastBe === 0, 'Last DW BE must be 0000b', '§2.2.7', OPTIONAL);
      must(header.tc === 0, 'TC must be 0', '§2.2.7', OPTIONAL);
      // Attr[2] is reserved here, and a receiver must not check reserved bits.
      must((header.attr & 3) === 0, 'Attr[1:0] must be 0', '§2.2.7', OPTIONAL);
      must(header.at === 0, 'AT must be 0', '§2.2.7', OPTIONAL);
      break;
    case 'atomic':
      atomicRules(header, must);
      addressFormatRule(header, must);
      break;
    case 'completion':
      completionRules(header, must);
      break;
    case 'message':
      messageRules(header, receiver.direction, must);
      break;
  }
  if (hasData(type) && receiver.maxPayload !== undefined)
    must(
      lengthDw * 4 <= receiver.maxPayload,
      `the payload must not exceed Max_Payload_Size, ${receiver.maxPayload} bytes`,
      '§2.2.2',
      CHECKED,
    );
  return broken;
}

function addressFormatRule({ type, addressHi }: TlpHeader, must: Must): void {
  must(
    (tlpTypeNamed(type).fmt & 1) === 0 || addressHi !== 0,
    'an address below 4 GiB must use the 32-bit format',
    '§2.2.4.1',
    'not specified',
  );
}

/** Where byte 7 holds the Steering Tag, all bytes count as enabled: reads and deferrable writes with TH. PCIe 5.0 §2.2.5 */
export function impliesByteEnables({ type, th }: TlpHeader): boolean {
  return th && type !== 'MWr' && type !== 'MWr64';
}

/** PCIe 5.0 §2.2.5. */
function byteEnableRules(header: TlpHeader, must: Must): void {
  const { lengthDw, firstBe, lastBe, addressLo } = header;
  if (impliesByteEnables(header)) return;
  const rule = (holds: boolean, text: string) => must(holds, text, '§2.2.5', OPTIONAL);
  if (lengthDw === 1) {
    rule(lastBe === 0, 'Last DW BE must be 0000b when Length is 1');
    return;
  }
  rule(firstBe !== 0, 'First DW BE must not be 0000b when Length is above 1');
  rule(lastBe !== 0, 'Last DW BE must not be 0000b when Length is above 1');
  // Two DWORDs in one QWORD may have any byte enables; all else must be contiguous across the DWORDs.
  if (lengthDw === 2 && (addressLo & 4) === 0) return;
  rule([0xf, 0xe, 0xc, 0x8, 0].includes(firstBe), 'First DW BE must be contiguous up to byte 3');
  rule([0xf, 0x7, 0x3, 0x1, 0].includes(lastBe), 'Last DW BE must be contiguous from byte 0');
}

function isCas(type: TlpHeader['type']): boolean {
  return type === 'CAS' || type === 'CAS64';
}

/** Bytes of one operand of an AtomicOp; a CAS carries two. */
export function operandBytesOf(type: TlpHeader['type'], lengthDw: number): number {
  return (isCas(type) ? lengthDw / 2 : lengthDw) * 4;
}

/** PCIe 5.0 §2.2.7: the completer must check both. */
function atomicRules({ type, lengthDw, addressLo }: TlpHeader, must: Must): void {
  const cas = isCas(type);
  const known = (cas ? [2, 4, 8] : [1, 2]).includes(lengthDw);
  must(known, cas ? 'a CAS carries 2, 4 or 8 DWORDs' : 'a FetchAdd or Swap carries 1 or 2 DWORDs', '§2.2.7', CHECKED);
  const operandBytes = operandBytesOf(type, lengthDw);
  // With TH, address bits 1:0 are PH.
  must(
    !known || (addressLo & ~3) % operandBytes === 0,
    'the address must be aligned to the operand',
    '§2.2.7',
    CHECKED,
  );
}

function completionRules(header: TlpHeader, must: Must): void {
  if (!hasData(tlpTypeNamed(header.type))) return;
  must(header.status === 0, 'only a Successful Completion carries data', '§2.3.1', 'not specified');
  // From the first enabled byte on, Byte Count bytes are all that is left.
  const most = Math.ceil(((header.lowerAddress & 3) + header.byteCount) / 4);
  must(header.lengthDw <= most, 'a completion must not carry more than its Byte Count', '§2.3.2', OPTIONAL);
}

export interface NamedMessage {
  readonly name: MessageName;
  readonly row: MessageRow;
}

const messages: ReadonlyMap<number, NamedMessage> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(messageCodes).map(([name, row]) => [row.code, { name: name as MessageName, row }]),
);

/** The message with this code; undefined where PCIe 5.0 has none. */
export function messageOfCode(code: number): NamedMessage | undefined {
  return messages.get(code);
}

function messageRules(header: TlpHeader, direction: Receiver['direction'], must: Must): void {
  const message = messageOfCode(header.messageCode);
  if (message?.row.tc0 === true) must(header.tc === 0, `${message.name} must use TC0`, message.row.spec, CHECKED);
  const dataDw = message?.row.dataDw;
  if (message !== undefined && dataDw !== undefined && dataDw > 0 && header.type === 'MsgD')
    must(header.lengthDw === dataDw, `${message.name} carries ${dataDw} DW`, message.row.spec, 'not specified');
  if (direction === undefined) return;
  must(!(direction === 'down' && header.routing === 0), 'a message to the Root Complex travels up', '§2.2.8', OPTIONAL);
  must(
    !(direction === 'up' && header.routing === 3),
    'a broadcast from the Root Complex travels down',
    '§2.2.8',
    OPTIONAL,
  );
  must(
    !(direction === 'down' && message?.row.intx === true),
    'only an Upstream Port issues INTx messages',
    '§2.2.8.1',
    OPTIONAL,
  );
}
