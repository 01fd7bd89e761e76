import { expect, test } from "vitest";
import { z } from "zod";
import type { HttpBinding } from "#lib/http-binding";
import { operationInSteps } from "#lib/operation";
import { serving } from "./serve.ts";

const serve = serving(() => Promise.reject(new Error("nobody asks")));

test.each(["ifMatch", "idempotent"] as const)(
  "an operation of several transactions cannot take %s",
  (condition) => {
    const binding: HttpBinding<void> = {
      method: "POST",
      path: "/tenants/{tenantId}/steps",
      operationId: "steps",
      summary: "Steps",
      tag: "Service",
      answer: "Done",
    };
    const inSteps = (http: HttpBinding<void>, name: string) =>
      operationInSteps({
        name,
        permission: "tenant:view",
        input: z.strictObject({}),
        output: z.void(),
        http,
        run: async () => {},
      });
    expect(() => serve(inSteps(binding, `test.steps_without_${condition}`))).not.toThrow();
    expect(() => serve(inSteps({ ...binding, [condition]: true }, `test.steps_${condition}`))).toThrow(
      "no transaction",
    );
  },
);
