/** Names of vendors, devices and classes from the text of a `pci.ids` file. */
export interface PciIds {
  /** Undefined where the file has none. */
  vendor(id: number): string | undefined;
  device(vendorId: number, deviceId: number): string | undefined;
  /** @param code base class in 15:8, sub-class in 7:0 */
  classOf(code: number): string | undefined;
}

const TAB = 0x09;
/** A line that begins with one of these starts no section: one of its names, a comment, a blank line. */
const INSIDE = new Set([TAB, 0x23, 0x0a, 0x0d]);

/**
 * One pass over the text finds its sections (a vendor and its devices, a base class and its sub-classes); what is in one is looked
 * at when a name of it is asked for, since a machine has few of the file's many.
 */
export function readPciIds(text: string): PciIds {
  const sections = new Map<string, { start: number; end: number }>();
  let open = { start: 0, end: text.length };
  forEachLine(text, 0, text.length, (start) => {
    if (INSIDE.has(text.charCodeAt(start))) return;
    open.end = start;
    open = { start, end: text.length };
    const key = /^(?:C [0-9a-f]{2}|[0-9a-f]{4})(?= {2})/.exec(text.slice(start, start + 6))?.[0];
    if (key !== undefined) sections.set(key, open);
  });

  const read = new Map<string, Map<string, string>>();
  /** By the digits that a line of the section begins with; the section's own name under ''. */
  const namesIn = (key: string): Map<string, string> => {
    let names = read.get(key);
    if (names === undefined) {
      const section = sections.get(key);
      names = section === undefined ? new Map() : sectionNames(text, section.start, section.end, key.length);
      read.set(key, names);
    }
    return names;
  };
  return {
    vendor: (id) => namesIn(hex(id, 4)).get(''),
    device: (vendorId, deviceId) => namesIn(hex(vendorId, 4)).get(hex(deviceId, 4)),
    classOf: (code) => namesIn(`C ${hex(code >> 8, 2)}`).get(hex(code & 0xff, 2)),
  };
}

function sectionNames(text: string, start: number, end: number, keyLength: number): Map<string, string> {
  const names = new Map<string, string>();
  forEachLine(text, start, end, (at, lineEnd) => {
    if (at === start) names.set('', text.slice(at + keyLength, lineEnd).trim());
    // A second tab: a subsystem, or a programming interface.
    else if (text.charCodeAt(at) === TAB && text.charCodeAt(at + 1) !== TAB) {
      const space = text.indexOf(' ', at);
      if (space >= 0 && space < lineEnd) names.set(text.slice(at + 1, space), text.slice(space, lineEnd).trim());
    }
  });
  return names;
}

/** @param visit gets the line's first offset, and that of its line feed */
function forEachLine(text: string, start: number, end: number, visit: (start: number, lineEnd: number) => void): void {
  for (let at = start; at < end; ) {
    const feed = text.indexOf('\n', at);
    const lineEnd = feed < 0 || feed > end ? end : feed;
    visit(at, lineEnd);
    at = lineEnd + 1;
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
