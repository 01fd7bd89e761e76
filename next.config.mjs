/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  // `npm run check` and `npm test` run the compiler; Next.js looks for the API of an older one.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  // Every browser gets the title with the page. Sent after it, as Next.js does for all but crawlers, each refresh by the
  // event stream takes the title away for a moment: a screen reader and the tab have none then.
  htmlLimitedBots: /.*/,
  turbopack: { root: import.meta.dirname },
  // Loaded by Node as they are: native code, worker threads, or one instance for the whole process.
  serverExternalPackages: [
    "@azure/identity",
    "@node-rs/argon2",
    "@prisma/adapter-pg",
    "@prisma/client",
    "pg",
    "pg-boss",
    "pino",
    "prom-client",
  ],
  // Browsers ask for it before they have seen the page's own icon.
  async redirects() {
    return [{ source: "/favicon.ico", destination: "/icon.svg", permanent: true }];
  },
  // The content security policy, which differs from answer to answer, is scripts/web.ts's.
  async headers() {
    return [
      {
        source: "/:path*",
        headers: [
          { key: "X-Content-Type-Options", value: "nosniff" },
          { key: "X-Frame-Options", value: "DENY" },
          { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
          { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=()" },
          { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
        ],
      },
    ];
  },
};
