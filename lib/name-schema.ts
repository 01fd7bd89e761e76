import { z } from "zod";

/**
 * Characters that cannot be seen, or that turn the direction of the text around them: two names with and without them
 * look the same, or a name looks like another (Unicode Technical Report 36, sections 2.5 and 2.10.5).
 */
const deceptive =
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]|\u034f/u;

/** Joiners belong between the letters of some scripts, and between emojis; anywhere else they are invisible only. */
const joiner = /[\u200c\u200d]/gu;
const joined =
  /(?<=[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}])[\u200c\u200d]|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f)\u200d(?=\p{Extended_Pictographic})/gu;

/** Whether a name is made of characters that people can see, or that belong between those. */
function isPlain(name: string): boolean {
  return !deceptive.test(name) && (name.match(joiner)?.length ?? 0) === (name.match(joined)?.length ?? 0);
}

/** The name of anything that people name: themselves, a schedule, a token, a tenant. */
export const nameSchema = z
  .string("must be a text")
  .trim()
  .min(1, "must not be empty")
  .max(200, "must be at most 200 characters")
  .refine(isPlain, "must not contain invisible characters, or ones that turn the direction of text")
  .meta({ description: "What people call it: visible characters, without space around them" });
