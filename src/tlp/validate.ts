/** The rules that make a header well-formed. A receiver treats a violation as Malformed TLP. PCIe 5.0 §2.2.2–§2.2.9. */
import { hasData, type TlpHeader, tlpTypeNamed } from './header.ts';

export interface BrokenRule {
  readonly rule: string;
  readonly spec: string;
}

/** Every rule that the header breaks; empty for a well-formed one. */
export function brokenRules(header: TlpHeader): BrokenRule[] {
  const type = tlpTypeNamed(header.type);
  const broken: BrokenRule[] = [];
  const must = (holds: boolean, rule: string, spec: string) => {
    if (!holds) broken.push({ rule, spec });
  };
  const { lengthDw, firstBe, lastBe, addressHi, addressLo } = header;
  switch (type.kind) {
    case 'memory':
      byteEnableRules(header, must);
      must((addressLo & 0xfff) + 4 * lengthDw <= 0x1000, 'a memory request must not cross a 4 KiB boundary', '§2.2.7');
      must((type.fmt & 1) === 0 || addressHi !== 0, 'an address below 4 GiB must use the 32-bit format', '§2.2.4.1');
      break;
    case 'io':
    case 'configuration':
      must(lengthDw === 1, 'Length must be 1', '§2.2.7');
      must(lastBe === 0, 'Last DW BE must be 0000b', '§2.2.5');
      must(header.tc === 0, 'TC must be 0', '§2.2.7');
      must(header.attr === 0, 'Attr must be 0', '§2.2.7');
      must(header.at === 0, 'AT must be 0', '§2.2.7');
      break;
    case 'atomic': {
      const cas = type.name === 'CAS' || type.name === 'CAS64';
      must(
        (cas ? [2, 4, 8] : [1, 2]).includes(lengthDw),
        cas ? 'a CAS carries 2, 4 or 8 DWORDs' : 'a FetchAdd or Swap carries 1 or 2 DWORDs',
        '§2.2.7.1',
      );
      const operandBytes = (cas ? lengthDw / 2 : lengthDw) * 4;
      must(addressLo % operandBytes === 0, 'the address must be aligned to the operand', '§2.2.7.1');
      must((type.fmt & 1) === 0 || addressHi !== 0, 'an address below 4 GiB must use the 32-bit format', '§2.2.4.1');
      break;
    }
    case 'completion':
      must(hasData(type) || header.status !== 0 || lengthDw === 0, 'a completion without data has no Length', '§2.2.9');
      must(!hasData(type) || header.status === 0, 'only a Successful Completion carries data', '§2.2.9');
      break;
    case 'message':
      must(header.routing <= 5, 'message routing 110b and 111b are reserved', '§2.2.8');
      break;
  }
  must(firstBe <= 0xf && lastBe <= 0xf, 'byte enables are four bits', '§2.2.5');
  return broken;
}

/** PCIe 5.0 §2.2.5. Where TH is set, byte enables are reserved and mean 1111b. */
function byteEnableRules(header: TlpHeader, must: (holds: boolean, rule: string, spec: string) => void): void {
  const { lengthDw, firstBe, lastBe, addressLo, th } = header;
  if (th) return;
  if (lengthDw === 1) {
    must(lastBe === 0, 'Last DW BE must be 0000b when Length is 1', '§2.2.5');
    return;
  }
  must(firstBe !== 0, 'First DW BE must not be 0000b when Length is above 1', '§2.2.5');
  must(lastBe !== 0, 'Last DW BE must not be 0000b when Length is above 1', '§2.2.5');
  // Two DWORDs in one QWORD may have any byte enables; all else must be contiguous across the DWORDs.
  if (lengthDw === 2 && (addressLo & 7) === 0) return;
  must([0xf, 0xe, 0xc, 0x8, 0].includes(firstBe), 'First DW BE must be contiguous up to byte 3', '§2.2.5');
  must([0xf, 0x7, 0x3, 0x1, 0].includes(lastBe), 'Last DW BE must be contiguous from byte 0', '§2.2.5');
}
