/** Where a served study is unless another port is given: S-T-U-D on the keys of a telephone. */
export const STUDY_PORT = 7883;
