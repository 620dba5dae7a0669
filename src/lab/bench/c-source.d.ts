/** A C file as text: the build puts it there. */
declare module '*.c' {
  const text: string;
  export default text;
}
