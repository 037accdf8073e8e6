/**
 * Where the page is unless another port is given: E-T-U-D on the keys of a telephone. Always the same, since what a browser
 * keeps for a page it keeps by the page's address, port included.
 */
export const USUAL_PORT = 3883;
