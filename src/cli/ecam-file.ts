/** An ECAM image as a file, written and read a bus at a time. */
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  BUS_SIZE,
  ecamImage,
  ecamWindows,
  formatEcamAddresses,
  functionsOfEcamBus,
  parseEcamAddresses,
} from '../formats/ecam-image.ts';
import { InputError } from '../formats/input-error.ts';
import type { LspciFunction } from '../formats/lspci-text.ts';
import { fileMistake } from './load-dump.ts';

type Imaged = Pick<LspciFunction, 'segment' | 'routingId' | 'bytes'>;

/**
 * @returns where the windows lie, as `ecam.addrs` has it
 * @throws InputError when no function can be in an image, or the file can't be written
 */
export async function writeEcamFile(file: string, functions: readonly Imaged[]): Promise<string> {
  const windows = ecamWindows(functions);
  if (windows.length === 0) throw new InputError(`${file}: expected a function in a segment up to ffff, got none`);
  try {
    await pipeline(Readable.from(ecamImage(functions)), createWriteStream(file));
  } catch (error) {
    throw new InputError(fileMistake(file, error, 'a file to write'));
  }
  return formatEcamAddresses(windows);
}

/**
 * @param addresses the windows, as `ecam.addrs` has them; what lies behind the file's end is not there
 * @throws InputError when the windows can't be read, or the file can't, or there is no function in it
 */
export async function readEcamFile(file: string, addresses: string): Promise<Imaged[]> {
  const windows = parseEcamAddresses(addresses);
  const functions: Imaged[] = [];
  const chunk = new Uint8Array(BUS_SIZE);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    for (const { segment, firstBus, lastBus, offset } of windows)
      for (let bus = firstBus; bus <= lastBus; bus++) {
        const { bytesRead } = await handle.read(chunk, 0, BUS_SIZE, offset + (bus - firstBus) * BUS_SIZE);
        functions.push(...functionsOfEcamBus(segment, bus, chunk.subarray(0, bytesRead)));
        if (bytesRead < BUS_SIZE) break;
      }
  } catch (error) {
    throw new InputError(fileMistake(file, error, 'an ECAM image'));
  } finally {
    await handle?.close();
  }
  if (functions.length === 0) throw new InputError(`${file}: expected an ECAM image, got no function at ${addresses}`);
  return functions;
}
