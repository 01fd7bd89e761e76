import { type Document, documentsOf } from "./document.ts";

/**
 * Legacy policies of endpoint detection and response carry the file that brings devices to Defender for Endpoint, or that
 * takes them from it. Graph takes the file and never returns it. Restored as it was read, the policy is refused
 * (jseerden/IntuneBackupAndRestore#60), and almenscorner/IntuneCD leaves such policies out.
 */
const ABOUT =
  "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection";

const kinds = ["Onboarding", "Offboarding"] as const;
type Kind = (typeof kinds)[number];

const blobs: ReadonlyMap<unknown, Kind> = new Map(kinds.map((kind) => [`${ABOUT}${kind}Blob`, kind]));
const ofFiles: ReadonlySet<unknown> = new Set([
  `${ABOUT}BlobType`,
  ...kinds.flatMap((kind) => [`${ABOUT}${kind}Blob`, `${ABOUT}${kind}Filename`]),
]);

/** Whether a setting's value is such a file. */
export function isOnboardingFile({ definitionId }: Document): boolean {
  return blobs.has(definitionId);
}

/** Whether a setting is of such a file: the file itself, its name, or which of the two it is. */
export function isOfOnboardingFile({ definitionId }: Document): boolean {
  return ofFiles.has(definitionId);
}

/** Whether Intune fetches the file from the tenant's own Defender for Endpoint: Graph takes nothing of a file then. */
export function isFileFetched(policy: Document): boolean {
  return textIn(policy, "AutoPopulateOnboardingBlob") === "true";
}

function textIn({ settings }: Document, name: string): string | null {
  const found = documentsOf(settings).find(({ definitionId }) => definitionId === `${ABOUT}${name}`);
  const value = found?.valueJson;
  return typeof value === "string" && value !== "null" && value !== '""' ? value : null;
}

/** What of a policy tells whether it has a file. */
function tracesOf(policy: Document, kind: Kind): (string | null)[] {
  const type = textIn(policy, "BlobType");
  // Its values are nowhere documented: `onboard…` or `offboard…`, whatever comes after.
  const isOfKind = type?.toLowerCase().includes(kind.toLowerCase().replace(/ing$/, "")) === true;
  return [
    textIn(policy, `${kind}Blob`),
    textIn(policy, `${kind}Filename`),
    isOfKind && !isFileFetched(policy) ? type : null,
  ];
}

/** A file that a person has to give before the policy is written. */
interface WantedFile {
  definitionId: string;
  /** Where the policy has its setting, or would have it. */
  index: number;
  /** For people. */
  message: string;
}

/**
 * The files that the policy has, and that the live one does not hold already.
 * @param live what is written over; null where it is made
 */
export function filesToGive(policy: Document, live: Document | null): WantedFile[] {
  if (isFileFetched(policy)) return [];
  const list = documentsOf(policy.settings);
  let added = 0;
  return kinds.flatMap((kind): WantedFile[] => {
    const traces = tracesOf(policy, kind);
    if (traces.every((one) => one === null)) return [];
    const held = live === null || isFileFetched(live) ? null : tracesOf(live, kind);
    if (held !== null && JSON.stringify(held) === JSON.stringify(traces)) return [];
    const definitionId = `${ABOUT}${kind}Blob`;
    const at = list.findIndex((setting) => setting.definitionId === definitionId);
    const index = at === -1 ? list.length + added++ : at;
    const message = `Graph never returns the ${kind.toLowerCase()} file of Defender for Endpoint: give its content, as the Defender portal offers it for Intune. Without it the policy is not written.`;
    return [{ definitionId, index, message }];
  });
}

/** The settings of files that the live policy has and the wanted one has not: nobody can tell whether Graph takes one away. */
export function filesThatStay(wanted: Document, live: Document | null): string[] {
  if (live === null || isFileFetched(wanted)) return [];
  const isThere = (policy: Document, kind: Kind) => tracesOf(policy, kind).some((one) => one !== null);
  return kinds.flatMap((kind) =>
    isThere(live, kind) && !isThere(wanted, kind) ? [`${ABOUT}${kind}Blob`] : [],
  );
}
