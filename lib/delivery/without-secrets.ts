import type { TargetSecret } from "#lib/alerts/target-secret";

/** What is shorter is a part of many words, and of no use to anybody. */
const leastLength = 6;
/** A part of a path that is shorter is mostly a word, such as `workflows`. */
const leastSegment = 16;

/**
 * What a receiver answered, without what only it and the target's owner know. Many repeat what they were asked for ("Cannot POST
 * /hooks/T0…"), and the log of deliveries shows it to everybody who may read there.
 */
export function withoutSecrets(answer: string, secret: TargetSecret): string {
  return spellingsOf(secret).reduce((text, spelling) => text.replaceAll(spelling, "(secret)"), answer);
}

/** The secrets as answers may write them: as they are, decoded, in a page, in JSON. The longest first, which hold others. */
function spellingsOf({ url: text, signing, authorization }: TargetSecret): string[] {
  const url = new URL(text);
  const path = `${url.pathname}${url.search}`;
  const secrets = [
    text,
    url.href,
    path,
    url.pathname,
    url.search.slice(1),
    ...url.searchParams.values(),
    ...url.pathname.split("/").filter((segment) => segment.length >= leastSegment),
    ...signing.map((each) => each.secret),
    ...(authorization === null ? [] : [authorization, authorization.replace(/^\S+\s+/, "")]),
  ];
  const spellings = secrets.flatMap((each) => {
    const decoded = decodedFrom(each);
    return [each, decoded].flatMap((one) => [one, one.replaceAll("&", "&amp;"), one.replaceAll("/", "\\/")]);
  });
  return [...new Set(spellings)]
    .filter((spelling) => spelling.length >= leastLength)
    .sort((one, other) => other.length - one.length);
}

function decodedFrom(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
