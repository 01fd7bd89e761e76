/**
 * Reads a wall-clock time as people type it: `2:30`, `02.30`, `0230`, `2 pm`, `2:30 p.m.`, `14h30`.
 * @returns `HH:mm` on a clock of 24 hours; null when it is no time
 */
export function readTime(text: string): string | null {
  const found = /^(\d{1,2})(?:[:.h ]?(\d{2}))?(?::00)?\s*(?:([ap])\.?\s?m\.?)?h?$/i.exec(text.trim());
  if (!found) return null;
  const [, hourText = "", minuteText, half] = found;
  // "2" alone could be meant in many ways; "2 pm" and "14h" are clear.
  if (minuteText === undefined && half === undefined && !/h$/i.test(text.trim())) return null;
  const hour = Number(hourText);
  const minute = Number(minuteText ?? 0);
  if (minute > 59 || (half ? hour < 1 || hour > 12 : hour > 23)) return null;
  const shown = half ? (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0) : hour;
  return `${String(shown).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
