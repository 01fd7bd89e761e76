import { expect, test } from "vitest";
import { withoutSecrets } from "./without-secrets.ts";

const secret = {
  url: "https://hooks.example.com/services/T0/B0/xoxSecretTokenOfIt?sig=a%2Fb%2Bc%3D&v=1",
  signing: [{ secret: "whsec_c2VjcmV0", until: null }],
  authorization: "Bearer t0p-s3cret",
};

test.each([
  ["a path that is not known", "Cannot POST /services/T0/B0/xoxSecretTokenOfIt", "Cannot POST (secret)"],
  [
    "an address in a page",
    "<p>https://hooks.example.com/services/T0/B0/xoxSecretTokenOfIt?sig=a%2Fb%2Bc%3D&amp;v=1</p>",
    "<p>(secret)</p>",
  ],
  ["a path in JSON", '{"path":"\\/services\\/T0\\/B0\\/xoxSecretTokenOfIt"}', '{"path":"(secret)"}'],
  ["a part of a path", "xoxSecretTokenOfIt is revoked", "(secret) is revoked"],
  ["a parameter, decoded", "bad signature a/b+c=", "bad signature (secret)"],
  ["a header", "authorization: Bearer t0p-s3cret", "authorization: (secret)"],
  ["a header's value", "token t0p-s3cret expired", "token (secret) expired"],
  ["a signing secret", "expected whsec_c2VjcmV0", "expected (secret)"],
  ["what is none", "invalid_payload at hooks.example.com, v1", "invalid_payload at hooks.example.com, v1"],
])("an answer that repeats %s is shown without it", (_what, answer, shown) => {
  expect(withoutSecrets(answer, secret)).toBe(shown);
});

test("a short path is a part of many words, and takes nothing from an answer", () => {
  const short = { url: "https://hooks.example.com/in", signing: [], authorization: null };
  expect(withoutSecrets("invalid input /in", short)).toBe("invalid input /in");
});
