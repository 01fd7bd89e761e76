/**
 * Today's names of the zones that browsers list under their old ones. Chromium and Node follow CLDR, which keeps the
 * first name a zone had; Firefox follows IANA. People search for the name they know.
 * Source: the links in the IANA time zone database's file `backward`.
 */
const todaysNames: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Louisville": "America/Kentucky/Louisville",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

/** All names by which people may look for an IANA zone, in lower case, for searching. */
export function searchableNames(zone: string): string {
  return `${zone} ${todaysNames[zone] ?? ""}`.toLowerCase();
}

/** A zone's name for a list: as people write it today, without underscores. */
export function zoneLabel(zone: string): string {
  return (todaysNames[zone] ?? zone).replaceAll("_", " ");
}
