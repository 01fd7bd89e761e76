import { z } from "zod";
import { AppError } from "#lib/errors";
import { parseInput } from "#lib/operation";
import { isStorableText } from "#lib/storable-text";
import { malformed } from "./problem.ts";

/** The query of an endpoint that has none. */
export const noQuery = z.strictObject({});

/**
 * The query of a request, parsed with a strict object schema.
 * @throws AppError VALIDATION_FAILED that names an unknown, repeated or faulty parameter; MALFORMED_REQUEST for
 *   characters that are no text.
 */
export function parseQuery<S extends z.ZodType>(schema: S, url: string): z.output<S> {
  const raw: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(url).searchParams) {
    if (!isStorableText(name) || !isStorableText(value)) {
      throw malformed("The query contains a character that no text can have (NUL or half a surrogate pair).");
    }
    if (name in raw) {
      throw new AppError("VALIDATION_FAILED", `${name}: is given twice; give it once`, {
        errors: [{ path: name, message: "is given twice; give it once" }],
      });
    }
    raw[name] = value;
  }
  return parseInput(schema, withNumbers(schema, raw));
}

/** The same, with numbers in place of their texts where the schema has a number: it may be that of a JSON body as well. */
function withNumbers(schema: z.ZodType, raw: Readonly<Record<string, string>>): Record<string, unknown> {
  const shape: Record<string, z.ZodType> = schema instanceof z.ZodObject ? schema.shape : {};
  return Object.fromEntries(
    Object.entries(raw).map(([name, text]) => {
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
      return [name, field && innermost(field) instanceof z.ZodNumber ? Number(text) : text];
    }),
  );
}

function innermost(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault
    ? innermost(field.unwrap() as z.ZodType)
    : field;
}
