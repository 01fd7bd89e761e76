import manifest from "../package.json" with { type: "json" };

/** The version of this product, as package.json and CHANGELOG.md have it. */
export const { version } = manifest;
