/** Exit codes of the command. */
export const DONE = 0;
/** Done, and an Unsupported Request or a mismatch was found. */
export const FOUND = 1;
/** Usage or input error. */
export const USAGE = 2;
