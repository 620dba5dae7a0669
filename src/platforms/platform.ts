/** A built-in machine: its functions, and the facts that are not in registers. Plain data for the layers above. */
import type { FunctionImage } from '../config/function-image.ts';
import type { PlatformReaction } from '../fabric/platform-reaction.ts';

export interface PlatformScenario {
  readonly id: string;
  readonly title: string;
  /** Drivers that the kdump initramfs holds, beside what is built in. */
  readonly kdumpDrivers: readonly string[];
  /** Functions that are then without a driver. */
  readonly unbound: readonly string[];
  /** Share of runs in which the machine was seen to hang; the rate of the unbound device comes of it. */
  readonly observedHangs: number;
}

export interface Platform {
  readonly id: string;
  readonly about: string;
  /** What of the data is fact and what is representative. */
  readonly provenance: readonly string[];
  readonly functions: () => FunctionImage[];
  /** Drivers under the first kernel, by BDF. */
  readonly drivers: Readonly<Record<string, string>>;
  /** What _OSC gives to the OS. */
  readonly osControls: readonly string[];
  readonly reaction: PlatformReaction;
  readonly kernel: string;
  readonly scenarios: readonly PlatformScenario[];
}
