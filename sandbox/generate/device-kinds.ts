import { REFERENCES } from "../device-references.ts";
import { childrenOf, kindOf, references } from "./from-schema.ts";
import type { Group, Kind } from "./kind.ts";

const collection = "deviceManagement/deviceConfigurations";

/** The kinds of profile that tenants hold beside the commonest, with the platform that their names begin with. */
const KINDS: readonly (readonly [string, string])[] = [
  ["androidDeviceOwnerTrustedRootCertificate", "AE - Root"],
  ["androidWorkProfileTrustedRootCertificate", "AE - Root"],
  ["iosTrustedRootCertificate", "iOS - Root"],
  ["macOSTrustedRootCertificate", "macOS - Root"],
  ["androidDeviceOwnerScepCertificateProfile", "AE - SCEP"],
  ["androidWorkProfileScepCertificateProfile", "AE - SCEP"],
  ["iosScepCertificateProfile", "iOS - SCEP"],
  ["iosPkcsCertificateProfile", "iOS - PKCS"],
  ["macOSScepCertificateProfile", "macOS - SCEP"],
  ["windows81SCEPCertificateProfile", "Win - SCEP"],
  ["windows10PkcsCertificateProfile", "Win - PKCS"],
  ["androidDeviceOwnerEnterpriseWiFiConfiguration", "AE - Wi-Fi"],
  ["androidWorkProfileEnterpriseWiFiConfiguration", "AE - Wi-Fi"],
  ["iosWiFiConfiguration", "iOS - Wi-Fi"],
  ["iosEnterpriseWiFiConfiguration", "iOS - Wi-Fi"],
  ["macOSEnterpriseWiFiConfiguration", "macOS - Wi-Fi"],
  ["macOSWiredNetworkConfiguration", "macOS - Wired"],
  ["windowsWifiConfiguration", "Win - Wi-Fi"],
  ["windowsWifiEnterpriseEAPConfiguration", "Win - Wi-Fi"],
  ["windowsWiredNetworkConfiguration", "Win - Wired"],
  ["androidDeviceOwnerVpnConfiguration", "AE - VPN"],
  ["iosVpnConfiguration", "iOS - VPN"],
  ["macOSVpnConfiguration", "macOS - VPN"],
  ["windows10VpnConfiguration", "Win - VPN"],
  ["iosEasEmailProfileConfiguration", "iOS - E-mail"],
  ["iosDerivedCredentialAuthenticationConfiguration", "iOS - Derived credential"],
  ["androidDeviceOwnerGeneralDeviceConfiguration", "AE - Restrictions"],
  ["iosDeviceFeaturesConfiguration", "iOS - Features"],
  ["macOSDeviceFeaturesConfiguration", "macOS - Features"],
  ["macOSEndpointProtectionConfiguration", "macOS - Endpoint protection"],
  ["macOSExtensionsConfiguration", "macOS - Extensions"],
  ["macOSSoftwareUpdateConfiguration", "macOS - Updates"],
  ["windowsDeliveryOptimizationConfiguration", "Win - Delivery optimization"],
  ["windowsDomainJoinConfiguration", "Win - Domain join"],
  ["windowsHealthMonitoringConfiguration", "Win - Health"],
  ["windowsIdentityProtectionConfiguration", "Win - Identity protection"],
  ["windowsKioskConfiguration", "Win - Kiosk"],
];

function kind([type, label]: readonly [string, string]): Kind {
  return kindOf(type, label, { navigations: references(type, REFERENCES, collection) });
}

const [first, ...rest] = KINDS.map(kind);
if (!first) throw new Error("There are no kinds.");

const settingsOf = (type: string, child: string, label: string): Kind =>
  kindOf(type, label, { navigations: { privacyAccessControls: childrenOf(child, "privacy", [1, 3]) } });

export const deviceKindGroups: readonly Group[] = [
  { collection, few: KINDS.length, kinds: [first, ...rest] },
  {
    collection,
    few: 1,
    kinds: [
      settingsOf("windows10GeneralConfiguration", "windowsPrivacyDataAccessControlItem", "Win - Privacy"),
    ],
  },
];
