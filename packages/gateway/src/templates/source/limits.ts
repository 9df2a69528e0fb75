/** What a template may ask of this process. A file from elsewhere must not be able to fill its memory. */
export const templateLimits = {
  /** One file, as AWS allows a template. */
  fileBytesMax: 1_048_576,
  /** Files one template may include. */
  filesMax: 200,
  /** Values of one file, aliases written out. */
  valuesMax: 200_000,
  /** Nesting of values, as written and as expanded. */
  depthMax: 100,
  /** Steps of evaluating intrinsics and variables over a whole template. */
  stepsMax: 500_000,
  /** AWS's own limit is 500. */
  resourcesMax: 2_000,
} as const;
