/** A GUID, as a part of a regular expression; in lower case. */
export const guidPattern = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** Finds one in a text, in any letter case. */
export const guidInText = new RegExp(guidPattern, "i");

const whole = new RegExp(`^${guidPattern}$`, "i");

/** Stands for "none" wherever Graph serves it. */
export const noGuid = "00000000-0000-0000-0000-000000000000";

/** Whether a text is a GUID, in any letter case. */
export function isGuid(text: string): boolean {
  return whole.test(text);
}
