/** Everything; each part also has a path of its own (`rootport/tlp`). */
export * from './config/index.ts';
export * from './fabric/index.ts';
export * from './formats/index.ts';
export * from './lab/index.ts';
export * from './linux/index.ts';
export * from './platforms/index.ts';
export * from './sim/index.ts';
export * from './spec/index.ts';
export * from './tlp/index.ts';
