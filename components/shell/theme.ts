import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const slate: MantineColorsTuple = [
  "#e8eaee",
  "#bcc1ca",
  "#949ba7",
  "#646b78",
  "#3b414c",
  "#2a2f38",
  "#1d2128",
  "#14171c",
  "#0f1115",
  "#0a0c0f",
];

const pilot: MantineColorsTuple = [
  "#eef2ff",
  "#dfe5ff",
  "#bdc9fd",
  "#98aafb",
  "#8097fa",
  "#5d78f2",
  "#4561e6",
  "#3650cf",
  "#2d43ad",
  "#25378b",
];

/** Where overlays are put: a landmark of their own, so that nothing on the page is outside of one. */
export const overlaysId = "overlays";
const portalProps = { target: `#${overlaysId}` };
/** Enough to set a dialog apart, and not so much that the page behind it is lost. */
const overlayProps = { color: "#0c0f16", backgroundOpacity: 0.45 };

/** Colors, type and radii of the whole product. Small type and tight radii: it is a tool, not a brochure. */
export const theme = createTheme({
  primaryColor: "pilot",
  primaryShade: { light: 7, dark: 7 },
  colors: { pilot, dark: slate },
  fontFamily:
    "var(--tp-font), 'Inter Variable', 'Like Inter', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  components: {
    Modal: { defaultProps: { portalProps, closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { portalProps, closeButtonProps: { "aria-label": "Close" } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    ModalOverlay: { defaultProps: overlayProps },
    DrawerOverlay: { defaultProps: overlayProps },
    Popover: { defaultProps: { portalProps } },
    Menu: { defaultProps: { portalProps, withInitialFocusPlaceholder: false } },
    Switch: { defaultProps: { withThumbIndicator: false } },
  },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1rem", lineHeight: "1.4" },
      h3: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
});

/** Mantine's own greys and reds are too faint for WCAG AA on small text; these pass on every surface we use. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#5a6270",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-anchor": "#3650cf",
  },
  dark: {
    "--mantine-color-dimmed": "#a3aab6",
    "--mantine-color-placeholder": "#949ba7",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-anchor": "#98aafb",
  },
});
