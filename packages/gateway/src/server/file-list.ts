/** The files of a setting that names several, comma-separated; none where it is left out. */
export function filesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((file) => file.trim())
    .filter((file) => file !== '');
}
