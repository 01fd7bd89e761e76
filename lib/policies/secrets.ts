/** An object of a document. */
type Owner = Readonly<Record<string, unknown>>;

/** What Graph shows of a value that it keeps to itself. */
const masked = /^\*{3,}$/;

/**
 * Whether a property holds a secret, or what stands for one: it is never shown, found or compared. These are
 * - values of OMA settings that are encrypted, and whatever comes masked;
 * - `x` that is withheld where `xIsSet` is true, such as `preSharedKey` of Wi-Fi profiles;
 * - the shared secret of a VPN profile that signs in with one;
 * - secret settings of the settings catalog, which are tokens for a value that only Intune knows.
 */
export function isSecret(owner: Owner, key: string): boolean {
  const value = owner[key] ?? null;
  if (typeof value === "string" && masked.test(value)) return true;
  if (key === "value" && (isEncrypted(owner) || isSecretSetting(owner))) return true;
  if (value !== null) return false;
  return (
    owner[`${key}IsSet`] === true || (key === "sharedSecret" && owner.authenticationMethod === "sharedSecret")
  );
}

/** The properties of an object whose values are not in it, because Graph keeps them to itself; absent ones too. */
export function withheldIn(object: Owner): string[] {
  const flagged = Object.keys(object)
    .filter((key) => key.endsWith("IsSet"))
    .map((key) => key.slice(0, -"IsSet".length));
  const keys = [...new Set([...Object.keys(object), ...flagged, "sharedSecret"])];
  const isThere = isSecretSetting(object) && object.valueState !== "encryptedValueToken";
  return keys.filter((key) => isSecret(object, key) && !(key === "value" && isThere));
}

function isEncrypted({ isEncrypted, secretReferenceValueId }: Owner): boolean {
  return (
    isEncrypted === true || (typeof secretReferenceValueId === "string" && secretReferenceValueId !== "")
  );
}

function isSecretSetting({ "@odata.type": type }: Owner): boolean {
  return typeof type === "string" && type.endsWith("SecretSettingValue");
}
