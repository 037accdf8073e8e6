import { flag, whole } from '../options.ts';

/** The options of a command that serves a page, given the port where it usually is. */
export const servingOptions = (usual: number) => ({
  port: whole({
    min: 0,
    max: 65_535,
    help: `the port on localhost, 0 for any free one (default: ${usual}, or a free one if that is taken)`,
  }),
  noOpen: flag('only print the address; open no browser'),
});
