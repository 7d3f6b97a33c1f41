import preact from "@preact/preset-vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the page by itself and asks a gateway that runs already.
const gateway = { target: "http://127.0.0.1:8000", ws: true };

export default defineConfig({
  plugins: [
    preact(),
    VitePWA({
      // A page that reloads by itself would lose the pictures that are being looked at.
      registerType: "prompt",
      injectRegister: false,
      workbox: {
        // One file less at the root, whose names an ingress must list.
        inlineWorkboxRuntime: true,
        globPatterns: ["**/*.{js,css,html,svg,png,woff2}"],
        // All views are at one address; whether there is another one, the gateway knows.
        navigateFallbackAllowlist: [/^\/(\?|$)/],
      },
      manifest: {
        name: "Mien",
        short_name: "Mien",
        description: "Recognises facial expressions in pictures, videos and live streams",
        theme_color: "#12333d",
        background_color: "#ffffff",
        display: "standalone",
        icons: [
          { src: "icons/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icons/icon-512.png", sizes: "512x512", type: "image/png" },
          {
            src: "icons/icon-maskable-512.png",
            sizes: "512x512",
            type: "image/png",
            purpose: "maskable",
          },
        ],
      },
    }),
  ],
  build: {
    outDir: "../build/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { host: "127.0.0.1", proxy: { "/v1": gateway, "/readyz": gateway } },
  test: { include: ["tests/**/*.test.ts"] },
});
