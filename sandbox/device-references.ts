import type { NavigationSpec, Navigations } from "./collection-spec.ts";

/** Below each `microsoft.graph.type/name` alone: the profile itself does not tell. */
const one: NavigationSpec = { expand: "item", single: true, sparse: true };
const many: NavigationSpec = { expand: "item", sparse: true };

/** What device configuration profiles of some types refer to, or keep at an address of its own. */
export const REFERENCES: Navigations = {
  derivedCredentialSettings: one,
  identityCertificate: one,
  identityCertificateForClientAuthentication: one,
  networkAccessConfigurations: many,
  privacyAccessControls: many,
  rootCertificate: one,
  rootCertificateForClientValidation: one,
  rootCertificateForServerValidation: one,
  rootCertificatesForServerValidation: many,
  secondaryIdentityCertificateForClientAuthentication: one,
  secondaryRootCertificateForClientValidation: one,
  singleSignOnExtensionPkinitCertificate: one,
  smimeEncryptionCertificate: one,
  smimeSigningCertificate: one,
};
