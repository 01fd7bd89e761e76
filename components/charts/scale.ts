/** The end of a chart's axis: the smallest round number that holds `largest`, and can be halved where numbers are whole. */
export function axisEnd(largest: number): number {
  if (largest <= 0) return 1;
  if (largest <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(largest));
  const steps = power === 1 ? [2, 4, 6, 8, 10] : [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];
  return (steps.find((step) => step * power >= largest) ?? 10) * power;
}
