import localFont from "next/font/local";

/**
 * Inter for Latin letters. A browser that has not got it when it first paints uses its own font for that page: text that
 * changes its font under the reader's eyes moves everything around it. It is not fetched ahead either, for over a slow
 * network it would take the place of what the page needs to be seen and to work; from the cache it is there at once.
 * Until then globals.css has a font of the same measures. (Letters of other scripts come from the font's other files, when
 * a page has some.)
 */
export const inter = localFont({
  src: "../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  weight: "100 900",
  display: "optional",
  preload: false,
  adjustFontFallback: false,
  variable: "--tp-font",
});
