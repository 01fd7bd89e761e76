import { isGuid } from "#lib/guid";

// Property names, enum values and durations of Graph as people say them.

/** Words whose inner capitals begin no words of their own: as they are found, and as they are written where that differs. */
const compounds: ReadonlyMap<string, string> = new Map(
  (
    "AirDrop AirPlay AirPrint AppLocker BitLocker FaceTime FileVault JailBroken:jailbroken OneDrive OneNote PowerShell " +
    "SafetyNet SharePoint SmartScreen WiFi:Wi-Fi MacOS:macOS MacOs:macOS IOS:iOS IPadOS:iPadOS VisionOS:visionOS TvOS:tvOS " +
    "IBooks:iBooks ICloud:iCloud IMessage:iMessage ITunes:iTunes OAuth IPv4 IPv6 IKEv2 AntiMalware:antimalware " +
    "AntiSpyware:antispyware AntiVirus:antivirus Ios:iOS IPad:iPad IPhone:iPhone Wifi:Wi-Fi BuiltIn:built-in B2b:B2B M365 " +
    "X509:X.509 MultiFactor:multifactor V1:v1 V2:v2 As32Bit:as_32-bit As64Bit:as_64-bit HelloForBusiness:Hello_for_Business " +
    "AndroidForWork:Android_for_Work ApplePay:Apple_Pay MacAddress:MAC_address Phone81:Phone_8.1"
  )
    .split(" ")
    .map((entry) => {
      const [letters = "", word = letters] = entry.split(":");
      return [letters, word.replaceAll("_", " ")] as const;
    }),
);

/** The words of a name in camel case. */
const wordPattern = new RegExp(
  `(?:${[...compounds.keys()].join("|")})(?![a-z])|[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+\\d*|\\d+[a-z]*|[^\\w\\s]+`,
  "g",
);

/** Words that are written in their own way wherever they stand. */
const ownSpelling: ReadonlyMap<string, string> = new Map(
  (
    "AAD AD ADMX API APN APNs ASR BIOS CIDR CPU CSP CSS DEP DHCP DLP DMA DNS EAP ESP EULA FIDO FIDO2 GPS HTML HTTP HTTPS HVCI ID IDs IKEv2 IP IPv4 IPv6 " +
    "JSON LAPS LDAP LSA LTE Mac MAM MDM MFA MMS MTU NFC NTLM OAuth OMA OOBE OS PC PCs PDF PIN PKCS QoS QR RDP SAML SCEP " +
    "SDK SIM SMB SMS SSID SSL SSO SSPR TCP TLS TPM TV UAC UDP UEFI UI URI URIs URL URLs USB UX VPN VPP WPA XML GUID MB GB KB " +
    "Android Apple Autopilot Azure BitLocker Bluetooth Chrome Cortana Defender Edge Entra Exchange Google Hello Intune Kerberos " +
    "Knox Linux Microsoft Office Outlook Safari Samsung Siri Wi-Fi Win32 Windows Xbox Zebra"
  )
    .split(" ")
    .map((word) => [word.toLowerCase(), word]),
);

/** Names that Graph uses everywhere, or that say too little by themselves. */
const wholeNames: ReadonlyMap<string, string> = new Map([
  ["displayName", "Name"],
  ["roleScopeTagIds", "Scope tags"],
  ["roleScopeTags", "Scope tags"],
  ["rtpEnabled", "Real-time protection enabled"],
  ["omaUri", "OMA-URI"],
]);

/**
 * `passwordMinimumLength` → "Password minimum length"; with a unit at its end, without it; `isEnabled` → "Enabled", and
 * `expirationDateTime` → "Expiration date".
 */
export function propertyName(property: string): string {
  const said = property
    .replace(unitAtEnd, "")
    .replace(/(?<=.)DateTime$/, "Date")
    .replace(/^is(?=[A-Z])/, "");
  return wholeNames.get(property) ?? sentence(said);
}

/** The name of a property that holds ids, where names stand for them: `roleDefinitionId` → "Role definition". */
export function referenceName(property: string): string {
  return propertyName(property)
    .replace(/y IDs$/, "ies")
    .replace(/ IDs$/, "s")
    .replace(/ ID$/, "");
}

/** Values of enums that say too little, or that are written in their own way. */
const wholeValues: ReadonlyMap<string, string> = new Map([
  ["windows10", "Windows 10 and later"],
  ["windows10AndLater", "Windows 10 and later"],
  ["windows10X", "Windows 10X"],
  ["windows81AndLater", "Windows 8.1 and later"],
  ["androidForWork", "Android for Work"],
  ["androidEnterprise", "Android Enterprise"],
  ["aosp", "Android (AOSP)"],
  ["macOS", "macOS"],
  ["iOS", "iOS/iPadOS"],
  ["microsoftSense", "Microsoft Defender for Endpoint"],
  ["mdm", "MDM"],
  ["linuxMdm", "Linux MDM"],
]);

/** `notConfigured` → "Not configured"; several flags in one text, as `mdm,microsoftSense`, each by itself. */
export function enumValue(value: string): string {
  return value
    .split(",")
    .map((flag) => wholeValues.get(flag.trim()) ?? sentence(flag.trim()))
    .join(", ");
}

/** The last part of an `@odata.type` in words: `#microsoft.graph.windows10CompliancePolicy` → "Windows 10 compliance policy". */
export function typeName(odataType: string): string {
  return sentence(odataType.slice(odataType.lastIndexOf(".") + 1).replace(/^#/, ""));
}

function sentence(name: string): string {
  const words = `${name.charAt(0).toUpperCase()}${name.slice(1)}`.match(wordPattern) ?? [];
  const [first = "", ...rest] = words.flatMap(spelled);
  // iOS and macOS keep their small letter.
  const begins = /^[a-z]+\d*$/.test(first) ? first.charAt(0).toUpperCase() + first.slice(1) : first;
  return [begins, ...rest].join(" ");
}

function spelled(word: string): string[] {
  const compound = compounds.get(word);
  if (compound !== undefined) return [compound];
  const release = /^windows(\d+)$/i.exec(word)?.[1];
  if (release !== undefined) return ["Windows", release === "81" ? "8.1" : release];
  const own = ownSpelling.get(word.toLowerCase());
  if (own !== undefined) return [own];
  // All in capitals: an abbreviation that nobody listed.
  return [/^[A-Z\d]{2,}$/.test(word) ? word : word.toLowerCase()];
}

/** Units by what ends a property's name. */
const units: ReadonlyMap<string, string> = new Map([
  ["seconds", "second"],
  ["minutes", "minute"],
  ["hours", "hour"],
  ["days", "day"],
  ["weeks", "week"],
  ["months", "month"],
  ["years", "year"],
  ["mb", "MB"],
  ["megabytes", "MB"],
  ["gb", "GB"],
  ["kb", "KB"],
  ["kilobytes", "KB"],
  ["bytes", "byte"],
  ["percent", "%"],
  ["percentage", "%"],
]);
const unitWords = [...units.keys()].map((unit) => unit.charAt(0).toUpperCase() + unit.slice(1)).join("|");
/** `…InDays`; a unit without "in" is part of what the name says, as in `passwordExpirationDays`. */
const unitAtEnd = new RegExp(`In(?:${unitWords}|MB|GB|KB)$`);
const unitInName = new RegExp(`(?:${unitWords}|MB|GB|KB)(?=$|Of[A-Z]|Before[A-Z]|Until[A-Z])`);
/** A note that names several, as "the number of days or hours", leaves it to another property which it is. */
const unitInNote =
  /\b(?:number of|(?:time|period|interval|timeout|duration|age|size|limit|amount)\s*\(?in|in) (seconds|minutes|hours|days|weeks|months|years|megabytes|kilobytes|bytes)\b(?!,? (?:or )?(?:seconds|minutes|hours|days|weeks|months|years)\b)/i;

/**
 * A number with its unit, where the property's name or its note says one.
 * @param note what Microsoft says of the property
 */
export function numberInWords(value: number, property: string, note: string): string {
  const said = unitInName.exec(property)?.[0] ?? unitInNote.exec(note)?.[1];
  const unit = said === undefined ? undefined : units.get(said.toLowerCase());
  if (unit === undefined) return String(value);
  if (unit === "%") return `${value}%`;
  return /^[A-Z]/.test(unit) ? `${value} ${unit}` : counted(value, unit);
}

/** `2 days`. */
function counted(count: number, unit: string): string {
  return `${count} ${unit}${Math.abs(count) === 1 ? "" : "s"}`;
}

const isoDuration =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/;
const durationUnits = ["year", "month", "week", "day", "hour", "minute", "second"];

/** `PT1H30M` → "1 hour 30 minutes"; null for what is no ISO 8601 duration. */
export function durationInWords(text: string): string | null {
  const found = isoDuration.exec(text);
  if (!found) return null;
  const parts = found
    .slice(1)
    .flatMap((part, at) =>
      part === undefined || Number(part) === 0 ? [] : [counted(Number(part), durationUnits[at] ?? "")],
    );
  return parts.length > 0 ? parts.join(" ") : counted(0, "second");
}

/** `08:00:00.0000000` → "08:00"; null for what is no time of day. */
export function timeOfDayInWords(text: string): string | null {
  const found = /^(\d{2}:\d{2}):(\d{2})(?:\.0+)?$/.exec(text);
  if (!found) return null;
  return found[2] === "00" ? (found[1] ?? null) : `${found[1]}:${found[2]}`;
}

/** `2026-05-13T10:53:01.55Z` → "2026-05-13 10:53 UTC"; null for what is no instant in UTC. */
export function instantInWords(text: string): string | null {
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(?:\.\d+)?Z$/.exec(text);
  return found ? `${found[1]} ${found[2]} UTC` : null;
}

/** Whether a text is an id that means nothing to people. */
export function isRawId(text: string): boolean {
  return isGuid(text) || /^(?:device|user)_vendor_msft_|^[a-z\d]+(?:_[a-z\d{}.-]+){3,}$/i.test(text);
}
