const units = ["B", "kB", "MB", "GB", "TB"];

/** `0 B`, `812 B`, `1.2 kB`, `35 MB`: powers of 1000. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${units[unit]}`;
}
